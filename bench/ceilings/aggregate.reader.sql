select status, cast(count(*) as text) as count, json_object('views', cast(sum(views) as text)) as "sum:json"
from articles where status = 'published' group by status order by status
