update articles set views = :body ->> 'views' where id = :key;
insert into directus_activity (action, user, timestamp, ip, collection, item)
values ('update', '5c0a7a0e-0b2c-4a43-9d53-0e1f5f5b7d03', unixepoch() * 1000, '127.0.0.1', 'articles', :key);
insert into directus_revisions (activity, collection, item, data, delta)
select last_insert_rowid(), 'articles', :key,
  json_object('id', id, 'title', title, 'slug', slug, 'status', status, 'body', body, 'views', views, 'author', author), :body
from articles where id = :key;
select id, views from articles where id = :key;
