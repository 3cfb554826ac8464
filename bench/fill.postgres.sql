-- The same rows as fill.sql, as PostgreSQL writes them. $articles, $authors, $tags and $comments are the sizes.

insert into authors (id, name, email, active)
select i, 'Author ' || i, 'author' || i || '@example.com', i % 20 <> 0 from generate_series(1, $authors) i;

insert into tags (id, name, shown)
select i, 'Tag ' || i, i % 10 <> 0 from generate_series(1, $tags) i;

insert into articles (id, title, slug, status, body, views, author)
select i, 'Article number ' || i, 'article-' || i,
  case when i % 10 < 6 then 'published' when i % 10 < 9 then 'draft' else 'archived' end,
  repeat('lorem ipsum ', 40), cast(i as bigint) * 7919 % 10007, (i * 31 + i / 10) % $authors + 1
from generate_series(1, $articles) i;

insert into articles_tags (articles_id, tags_id)
select (i - 1) / 3 + 1, (i * 17 + i / 3) % $tags + 1 from generate_series(1, $articles * 3) i;

insert into comments (article, author_name, body, status)
select cast(i as bigint) * 7 % $articles + 1, 'Reader ' || i, 'What I think about it, in the comment number ' || i,
  case when i % 10 < 7 then 'approved' else 'pending' end
from generate_series(1, $comments) i;

select setval('articles_id_seq', $articles), setval('authors_id_seq', $authors), setval('tags_id_seq', $tags);
