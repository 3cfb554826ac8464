with page as materialized (
  select id, title, slug, views, author from articles where status = 'published' order by id limit 25 offset :key
), tagged as materialized (
  select j.articles_id as k, json_group_array(json_object('tags_id',
      iif(t.id is not null, json_object('name', t.name), null)) order by j.id) as list
  from articles_tags j left join tags t on t.id = j.tags_id and t.shown = 1
  where j.articles_id in (select id from page) group by j.articles_id
), said as materialized (
  select c.article as k, json_group_array(json_object('id', c.id, 'author_name', c.author_name, 'body', c.body) order by c.id) as list
  from comments c where c.article in (select id from page) and c.status = 'approved' group by c.article
)
select p.id, p.title, p.slug, p.views,
  iif(a.id is not null, json_object('name', a.name), null) as "author:json",
  coalesce((select list from tagged where k = p.id), '[]') as "tags:json",
  coalesce((select list from said where k = p.id), '[]') as "comments:json"
from page p left join authors a on a.id = p.author and a.active = 1
order by p.id
