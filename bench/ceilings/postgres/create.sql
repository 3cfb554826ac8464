insert into articles (title, slug, status, body, views, author)
select b ->> 'title', b ->> 'slug', b ->> 'status', b ->> 'body', cast(b ->> 'views' as integer), cast(b ->> 'author' as integer)
from (select cast(cast($1 as text) as json) as b) sent;
insert into directus_activity (action, timestamp, collection, item)
values ('create', now(), 'articles', cast(lastval() as text));
insert into directus_revisions (activity, collection, item, data, delta)
values (currval('directus_activity_id_seq'), 'articles', cast(currval('articles_id_seq') as text), cast(cast($1 as text) as json), cast(cast($1 as text) as json));
select id, title, slug, status, views, author from articles where id = (select currval('articles_id_seq'))
