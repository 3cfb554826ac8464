select id, title, slug, status, body, views, author from articles where id = $1 and status = 'published'
