select id, title, slug, status, body, views, author from articles where id = :key and status = 'published'
