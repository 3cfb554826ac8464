select id, title, slug, views, author from articles where status = 'published' order by id limit 25 offset $1
