select p.id, p.title, p.slug, p.views,
  (select json_object('name', a.name) from authors a where a.id = p.author) as "author:json",
  (select json_group_array(json_object('tags_id', json_object('name', t.name)))
    from articles_tags j join tags t on t.id = j.tags_id where j.articles_id = p.id) as "tags:json",
  (select json_group_array(json_object('id', c.id, 'author_name', c.author_name, 'body', c.body))
    from comments c where c.article = p.id) as "comments:json"
from (select id, title, slug, views, author from articles  order by id limit 25 offset :key) p
