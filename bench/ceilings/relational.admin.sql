select id, title, views, count(*) over () as ":count"
from articles where author in (select a.id from authors a where instr(a.name, :key) > 0)
order by views desc, id limit 25
