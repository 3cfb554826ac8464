insert into articles (title, slug, status, body, views, author)
values (:body ->> 'title', :body ->> 'slug', :body ->> 'status', :body ->> 'body', :body ->> 'views', :body ->> 'author');
insert into directus_activity (action, timestamp, collection, item)
values ('create', unixepoch() * 1000, 'articles', last_insert_rowid());
insert into directus_revisions (activity, collection, item, data, delta)
values (last_insert_rowid(), 'articles', (select max(id) from articles), :body, :body);
select id, title, slug, status, views, author from articles where id = (select max(id) from articles);
