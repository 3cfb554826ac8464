select status, cast(count(*) as text) as count, cast(json_build_object('views', cast(sum(views) as text)) as text) as "sum:json"
from articles where status = 'published' group by status order by status
