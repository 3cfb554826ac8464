select id, title, views, count(*) over () as ":count"
from articles where author in (select a.id from authors a where strpos(a.name, $1) > 0 and a.active) and status = 'published'
order by views desc nulls first, id limit 25
