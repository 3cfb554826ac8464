select id, title, slug, views, author from articles  order by id limit 25 offset :key
