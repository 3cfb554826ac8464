-- The rows of the benchmark, written directly: every value is computed from the row's number, so that all runs measure the
-- same data. The sizes are in temp.size(articles, authors, tags, comments).

insert into authors (id, name, email, active)
with recursive n(i) as (select 1 union all select i + 1 from n, temp.size where i < authors)
select i, 'Author ' || i, 'author' || i || '@example.com', i % 20 <> 0 from n;

insert into tags (id, name, shown)
with recursive n(i) as (select 1 union all select i + 1 from n, temp.size where i < tags)
select i, 'Tag ' || i, i % 10 <> 0 from n;

insert into articles (id, title, slug, status, body, views, author)
with recursive n(i) as (select 1 union all select i + 1 from n, temp.size where i < articles)
select i, 'Article number ' || i, 'article-' || i,
  case when i % 10 < 6 then 'published' when i % 10 < 9 then 'draft' else 'archived' end,
  replace(hex(zeroblob(40)), '00', 'lorem ipsum '), i * 7919 % 10007, (i * 31 + i / 10) % authors + 1
from n, temp.size;

insert into articles_tags (articles_id, tags_id)
with recursive n(i) as (select 1 union all select i + 1 from n, temp.size where i < articles * 3)
select (i - 1) / 3 + 1, (i * 17 + i / 3) % tags + 1 from n, temp.size;

insert into comments (article, author_name, body, status)
with recursive n(i) as (select 1 union all select i + 1 from n, temp.size where i < comments)
select i * 7 % articles + 1, 'Reader ' || i, 'What I think about it, in the comment number ' || i,
  case when i % 10 < 7 then 'approved' else 'pending' end
from n, temp.size;
