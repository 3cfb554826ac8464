update articles set views = cast(cast(cast($1 as text) as json) ->> 'views' as integer) where id = $2;
insert into directus_activity (action, timestamp, collection, item)
values ('update', now(), 'articles', cast(cast($1 as integer) as text));
insert into directus_revisions (activity, collection, item, data, delta)
select currval('directus_activity_id_seq'), 'articles', cast(id as text),
  json_build_object('id', id, 'title', title, 'slug', slug, 'status', status, 'body', body, 'views', views, 'author', author),
  cast(cast($1 as text) as json)
from articles where id = $2;
select id, views from articles where id = $1
