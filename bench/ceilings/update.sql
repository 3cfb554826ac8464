update articles set views = :body ->> 'views' where id = :key;
insert into directus_activity (action, timestamp, collection, item)
values ('update', unixepoch() * 1000, 'articles', :key);
insert into directus_revisions (activity, collection, item, data, delta)
select last_insert_rowid(), 'articles', :key,
  json_object('id', id, 'title', title, 'slug', slug, 'status', status, 'body', body, 'views', views, 'author', author), :body
from articles where id = :key;
select id, views from articles where id = :key;
