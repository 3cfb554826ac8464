select id, title, views, count(*) over () as ":count"
from articles where author in (select a.id from authors a where instr(a.name, :key) > 0 and a.active = 1) and status = 'published'
order by views desc, id limit 25
