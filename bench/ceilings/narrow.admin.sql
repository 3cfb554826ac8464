select id, title, views, count(*) over () as ":count"
from articles where author in (select a.id from authors a where a.name = :key)
order by views desc, id limit 25
