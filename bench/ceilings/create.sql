insert into articles (title, slug, status, body, views, author)
values (:body ->> 'title', :body ->> 'slug', :body ->> 'status', :body ->> 'body', :body ->> 'views', :body ->> 'author');
insert into directus_activity (action, user, timestamp, ip, collection, item)
values ('create', '5c0a7a0e-0b2c-4a43-9d53-0e1f5f5b7d03', unixepoch() * 1000, '127.0.0.1', 'articles', last_insert_rowid());
insert into directus_revisions (activity, collection, item, data, delta)
values (last_insert_rowid(), 'articles', (select max(id) from articles), :body, :body);
select id, title, slug, status, views, author from articles where id = (select max(id) from articles);
