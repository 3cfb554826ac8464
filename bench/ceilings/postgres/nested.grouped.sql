with page as materialized (
  select id, title, slug, views, author from articles where status = 'published' order by id limit 25 offset $1
), tagged as materialized (
  select j.articles_id as k, json_agg(json_build_object('tags_id',
      case when t.id is not null then json_build_object('name', t.name) end) order by j.id) as list
  from articles_tags j left join tags t on t.id = j.tags_id and t.shown
  where j.articles_id in (select id from page) group by j.articles_id
), said as materialized (
  select c.article as k, json_agg(json_build_object('id', c.id, 'author_name', c.author_name, 'body', c.body) order by c.id) as list
  from comments c where c.article in (select id from page) and c.status = 'approved' group by c.article
)
select p.id, p.title, p.slug, p.views,
  cast(case when a.id is not null then json_build_object('name', a.name) end as text) as "author:json",
  cast(coalesce(g.list, '[]') as text) as "tags:json", cast(coalesce(s.list, '[]') as text) as "comments:json"
from page p left join authors a on a.id = p.author and a.active
left join tagged g on g.k = p.id left join said s on s.k = p.id
order by p.id
