select id, title, views, count(*) over () as ":count"
from articles where author in (select a.id from authors a where a.name = $1 and a.active) and status = 'published'
order by views desc nulls first, id limit 25
