create table t(id integer primary key, k text, v real, b blob);
with recursive n(i) as (select 1 union all select i + 1 from n where i < 5000)
insert into t select i, printf('key-%05d', (i * 7919) % 5000), i * 1.25 - (i % 17) / 3.0, zeroblob(i % 40) from n;
create index tk on t(k);
create index tv on t(v desc, id);
select count(*), sum(v), avg(v), min(k), max(k), total(length(b)) from t;
select id, k, v from t where k like 'key-0%7' and v between 100 and 3000 order by v limit 20;
select k, v, rank() over (order by v), sum(v) over (order by id rows 3 preceding), lag(k) over (order by id) from t where id % 500 = 3;
select id % 7 as g, count(*), group_concat(substr(k, 5, 2), '') from t where id < 100 group by g having count(*) > 3;
select a.id, b.id, a.v + b.v from t a join t b on a.k = 'key-' || substr('0000' || (b.id - 1), -5) where a.id < 30 order by 1, 2;
select quote(x'00ff10'), upper('straße'), instr('abcdef', 'cd'), replace('aXbX', 'X', '--'), trim('  x '), char(97, 8364), unicode('€');
select 1e300 * 1e10, -1e300 * 1e10, 0.1 + 0.2, 1 / 3.0, 9223372036854775807 + 1, cast('12.5abc' as real), round(2.675, 2), 7 % -3, ~5, 1 << 40;
select sqrt(2), sin(1), exp(1), ln(10), pow(2, 0.5), atan2(1, 2), floor(-2.5), degrees(1), log2(10), cosh(0.5);
select json_extract('{"a":[1,2,{"b":3.5e2}]}', '$.a[2].b'), json_array(1, 'x', null), json_group_array(id) from t where id < 6;
select date('2024-02-29', '+1 year'), julianday('2000-01-01 12:00'), strftime('%j %W %s', '2023-07-15 01:02:03');
create virtual table f using fts5(title, body);
insert into f select k, 'body of ' || k || ' with word' || (id % 13) from t where id < 800;
select count(*) from f where f match 'word7'; select title, round(bm25(f), 9) from f where f match 'word3 OR word5' order by rank, rowid limit 5;
create virtual table r using rtree(id, x0, x1, y0, y1);
insert into r select id, v, v + 10, id / 3.0, id / 3.0 + 1 from t;
select count(*), min(id), sum(x0), sum(y1) from r where x0 > 100.5 and x1 < 900.25 and y0 < 300;
update t set v = v * 1.1 where id % 3 = 0; delete from t where id % 11 = 4;
select count(*), sum(v) from t;
create trigger tr after insert on t begin update t set v = v + 1 where id = new.id; end;
insert into t(k, v) values('trigger', 5); select k, v from t where k = 'trigger';
with recursive m(x, y, i, a, b) as (select x / 10.0 - 2, y / 10.0 - 1, 0, 0.0, 0.0 from (with recursive c(x) as (select 0 union all select x + 1 from c where x < 29) select x from c), (with recursive c(y) as (select 0 union all select y + 1 from c where y < 19) select y from c)
  union all select x, y, i + 1, a * a - b * b + x, 2 * a * b + y from m where i < 20 and a * a + b * b < 4)
select count(*), sum(a), sum(b), max(i) from m;
vacuum; analyze; pragma integrity_check; explain query plan select * from t where k > 'a' and v < 3;
