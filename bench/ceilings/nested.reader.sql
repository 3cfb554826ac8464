select p.id, p.title, p.slug, p.views,
  (select json_object('name', a.name) from authors a where a.id = p.author and a.active = 1) as "author:json",
  (select json_group_array(json_object('tags_id',
      json((select json_object('name', t.name) from tags t where t.id = j.tags_id and t.shown = 1))))
    from articles_tags j where j.articles_id = p.id) as "tags:json",
  (select json_group_array(json_object('id', c.id, 'author_name', c.author_name, 'body', c.body))
    from comments c where c.article = p.id and c.status = 'approved') as "comments:json"
from (select id, title, slug, views, author from articles where status = 'published' order by id limit 25 offset :key) p
