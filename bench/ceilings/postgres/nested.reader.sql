select p.id, p.title, p.slug, p.views,
  cast((select json_build_object('name', a.name) from authors a where a.id = p.author and a.active) as text) as "author:json",
  cast((select coalesce(json_agg(json_build_object('tags_id',
      (select json_build_object('name', t.name) from tags t where t.id = j.tags_id and t.shown)) order by j.id), '[]')
    from articles_tags j where j.articles_id = p.id) as text) as "tags:json",
  cast((select coalesce(json_agg(json_build_object('id', c.id, 'author_name', c.author_name, 'body', c.body) order by c.id), '[]')
    from comments c where c.article = p.id and c.status = 'approved') as text) as "comments:json"
from (select id, title, slug, views, author from articles where status = 'published' order by id limit 25 offset $1) p
order by p.id
