# Statements that are run as they are on one copy of the tables and as batches on another. A line that
# begins with "= " is an expression over the table item, tried as a value and as a condition; one that
# begins with "* " is tried for each column {c} of the table typed, with a value {v} of its
# type; one that begins with "?" is not valid on every server.

## update: assignments
UPDATE item SET n = n + 1
UPDATE item SET n = n + 1, price = price * 2, note = NULL
UPDATE item SET item.n = 5 WHERE item.id > 10
UPDATE item AS i SET i.n = i.id * 2, i.note = 'x'
UPDATE item i SET n = id WHERE i.status = 'odd'
UPDATE LOW_PRIORITY item SET n = 0 WHERE n > 3
UPDATE item SET n = DEFAULT, status = DEFAULT(status) WHERE id < 20
UPDATE item SET n = n + 1, n = n * 2
UPDATE item SET price = n, n = price WHERE id BETWEEN 5 AND 25
UPDATE item PARTITION (p0) SET n = 1 WHERE FALSE OR 1 = 1
UPDATE parts PARTITION (p1) SET n = n + 100
UPDATE parts PARTITION (p0, p2) AS p SET p.n = 0 WHERE p.id > 4
UPDATE parts PARTITION (p3) SET n = 1
DELETE FROM parts PARTITION (p3) WHERE id > 4
INSERT INTO copied (id, n) SELECT id, n FROM parts PARTITION (p3)
UPDATE parts PARTITION (p1) SET n = 1 LIMIT 100
UPDATE item USE INDEX (by_status) SET n = 9 WHERE status = 'odd'
UPDATE item FORCE INDEX (PRIMARY) SET n = 9 WHERE n IN (1, 2, 3)
UPDATE item IGNORE INDEX (by_status) SET n = 9 WHERE status <> 'odd'
UPDATE /*+ NO_MERGE() */ item SET n = 1
UPDATE item /* here */ SET n = 1 -- there
UPDATE item SET note = 'it''s -- no /* comment */ # at all' # but this
UPDATE item SET note = "a ""quoted"" text", status = 'b\'c' WHERE note = "it's"
UPDATE item SET `note` = `status` WHERE `item`.`id` >= 7;
UPDATE item SET n = 1 WHERE id = 3 OR id = 17 OR status = 'even'
UPDATE item SET n = 1 WHERE NOT (status = 'odd' AND n > 10)
UPDATE item SET n = 1 WHERE (id, n) IN ((1, 1), (2, 2), (30, 30))
UPDATE item SET n = 1 WHERE ROW(id, n) = ROW(4, 4)
UPDATE IGNORE item SET n = 7 WHERE id < 9
UPDATE item SET n = 1, note = 'same' WHERE note = 'nowhere'

## update: subqueries
UPDATE item SET n = (SELECT MAX(n) FROM other)
UPDATE item SET n = (SELECT o.n FROM other o WHERE o.item = item.id ORDER BY o.n LIMIT 1)
UPDATE item SET n = 1 WHERE EXISTS (SELECT 1 FROM other WHERE other.item = item.id)
UPDATE item SET n = 1 WHERE NOT EXISTS (SELECT * FROM other o JOIN third t ON t.id = o.id WHERE o.item = item.id)
UPDATE item SET n = 1 WHERE id IN (SELECT item FROM other UNION SELECT id FROM third)
UPDATE item SET n = 1 WHERE id IN (SELECT item FROM other UNION ALL SELECT id FROM third ORDER BY 1)
UPDATE item SET n = 1 WHERE id IN (SELECT item FROM other EXCEPT SELECT id FROM third)
UPDATE item SET n = 1 WHERE id IN (SELECT item FROM other INTERSECT SELECT id FROM third)
UPDATE item SET n = 1 WHERE id IN (WITH RECURSIVE c (k) AS (SELECT 1 UNION ALL SELECT k + 3 FROM c WHERE k < 30) SELECT k FROM c)
UPDATE item SET n = 1 WHERE id IN (WITH a AS (SELECT item FROM other), b AS (SELECT item FROM a WHERE item > 3) SELECT item FROM b)
UPDATE item SET n = (SELECT COUNT(DISTINCT o.n) FROM other o WHERE o.item <= item.id)
UPDATE item SET n = (SELECT SUM(x.n) FROM (SELECT n FROM other WHERE n > 2) AS x)
UPDATE item SET n = (SELECT r FROM (SELECT item, ROW_NUMBER() OVER (ORDER BY n DESC, item) AS r FROM other) w WHERE w.item = item.id LIMIT 1)
UPDATE item SET n = (SELECT MAX(s) FROM (SELECT SUM(n) OVER (PARTITION BY item ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS s FROM other) w)
UPDATE item SET n = 1 WHERE n > ALL (SELECT n FROM third WHERE n < 5)
UPDATE item SET n = 1 WHERE n = ANY (SELECT n FROM third) OR n = SOME (SELECT n FROM other)
UPDATE item SET n = (SELECT COUNT(*) FROM other GROUP BY item HAVING COUNT(*) > 0 ORDER BY item LIMIT 1)
UPDATE item SET n = (SELECT COUNT(*) FROM other o STRAIGHT_JOIN third t ON o.item = t.id)
UPDATE item SET n = (SELECT COUNT(*) FROM other o LEFT JOIN third t USING (id) WHERE t.id IS NULL)
UPDATE item SET n = (SELECT COUNT(*) FROM (other o CROSS JOIN third t))
UPDATE item SET n = (SELECT COUNT(*) FROM other NATURAL JOIN third)
UPDATE item SET note = (SELECT GROUP_CONCAT(DISTINCT n ORDER BY n DESC SEPARATOR '-') FROM third)
UPDATE item SET n = (SELECT j.v FROM JSON_TABLE('[{"v": 5}, {"v": 6}]', '$[*]' COLUMNS (i FOR ORDINALITY, v INT PATH '$.v')) AS j WHERE j.i = 2)
UPDATE item SET n = 1 WHERE (SELECT COUNT(*) FROM other WHERE item = item.id) > 1 AND id IN (SELECT id FROM third)

## update: joins
UPDATE item JOIN other ON other.item = item.id SET item.n = 100
UPDATE item i JOIN third t ON t.id = i.id SET i.n = t.n, i.note = 'joined'
UPDATE item i INNER JOIN third t USING (id) SET i.n = t.n WHERE t.n > 2
UPDATE item i, third t SET i.n = t.n WHERE t.id = i.id
UPDATE item i CROSS JOIN third t SET i.n = t.n WHERE t.id = 5
UPDATE item i LEFT JOIN third t ON t.id = i.id SET i.n = 0 WHERE t.id IS NULL
UPDATE item i LEFT JOIN third t ON t.id = i.id SET i.n = COALESCE(t.n, -1)
UPDATE third t RIGHT JOIN item i ON t.id = i.id SET i.n = COALESCE(t.n, -2)
UPDATE third t LEFT JOIN item i ON i.id = t.id SET i.n = t.n + 1000
UPDATE item i NATURAL JOIN (SELECT id FROM third) t SET i.n = 44
UPDATE item i STRAIGHT_JOIN third t ON t.id = i.id SET i.status = 'st'
UPDATE item i JOIN (SELECT item, SUM(n) AS s FROM other GROUP BY item) o ON o.item = i.id SET i.n = o.s
UPDATE item i JOIN (other o JOIN third t ON t.id = o.id) ON o.item = i.id SET i.note = 'deep'
UPDATE item i JOIN third t ON t.id = i.id JOIN third u ON u.id = t.n SET i.n = u.n
UPDATE third JOIN item ON item.id = third.id SET price = 3.5 WHERE third.n > 1
UPDATE WITHIN_SCHEMA.item JOIN third ON third.id = item.id SET item.n = 8
UPDATE item JOIN third AS t ON t.id = item.id SET item.n = t.n WHERE item.status = 'odd' OR t.n = 2
UPDATE item i JOIN third t ON t.id = i.id AND i.n > 3 SET i.n = (SELECT MAX(n) FROM other)
UPDATE item i JOIN JSON_TABLE('[1,3,5]', '$[*]' COLUMNS (id INT PATH '$')) j ON j.id = i.id SET i.n = 55

## delete
DELETE FROM item
DELETE FROM item WHERE status = 'odd'
? DELETE FROM item AS i WHERE i.id > 12
? DELETE FROM item i WHERE i.id IN (3, 4, 5)
DELETE QUICK FROM item WHERE id % 7 = 0
DELETE IGNORE FROM item WHERE n > 20
DELETE FROM parts PARTITION (p1) WHERE n > 0
DELETE FROM item WHERE id IN (SELECT item FROM other)
DELETE FROM item WHERE NOT EXISTS (SELECT 1 FROM third t WHERE t.id = item.id)
DELETE item FROM item JOIN other ON other.item = item.id
DELETE i FROM item i JOIN third t ON t.id = i.id WHERE t.n > 2
DELETE i.* FROM item AS i, third AS t WHERE t.id = i.id
DELETE FROM item USING item JOIN third ON third.id = item.id
DELETE FROM i USING item i LEFT JOIN third t ON t.id = i.id WHERE t.id IS NULL
DELETE item FROM item LEFT JOIN other ON other.item = item.id WHERE other.id IS NULL
DELETE item FROM third LEFT JOIN item ON item.id = third.id
DELETE i FROM item i JOIN (SELECT MAX(id) AS id FROM third) m ON m.id = i.id
DELETE FROM item WHERE note LIKE '%a%' ESCAPE '|'
DELETE FROM item WHERE price > 10.5 AND at < '2026-02-01'

## views
UPDATE item_view SET n = n + 1
UPDATE item_view SET note = state WHERE number > 10 AND state = 'odd'
UPDATE item_view AS v JOIN other o ON o.id = v.number SET v.n = o.n, v.state = 'new'
DELETE FROM item_view WHERE number % 3 = 0
DELETE v FROM item_view v JOIN third t ON t.id = v.number
UPDATE item_view SET n = 7 ORDER BY number DESC LIMIT 5
UPDATE item SET n = (SELECT MAX(total) FROM other_view)
UPDATE item i JOIN third_view v ON v.id = i.id SET i.n = v.n, i.note = v.total
? UPDATE item SET note = 'seen' WHERE id IN (SELECT number FROM item_view)
DELETE i FROM item i LEFT JOIN other_view v ON v.item = i.id WHERE v.total IS NULL OR v.total > 9
INSERT INTO copied (id, n) SELECT number, n FROM item_view
INSERT INTO copied SELECT v.id, v.total FROM third_view v
INSERT INTO copied (id, n) SELECT i.id, v.total FROM item i JOIN other_view v ON v.item = i.id
INSERT INTO copied_view (id, m) SELECT id, n FROM item
INSERT INTO copied_view SELECT n, id FROM item WHERE status = 'odd'

## limit and order
UPDATE item SET n = -1 LIMIT 10
UPDATE item SET n = -1 WHERE status = 'odd' LIMIT 9
UPDATE item SET n = -1 WHERE status = 'odd' ORDER BY id LIMIT 9
UPDATE item SET n = -1 LIMIT 0
UPDATE item SET n = -1 LIMIT 1000
UPDATE item SET n = -1 ORDER BY n DESC
DELETE FROM item LIMIT 8
DELETE FROM item WHERE n > 5 ORDER BY id LIMIT 15
DELETE FROM item ORDER BY price DESC
DELETE FROM item ORDER BY n DESC, id LIMIT 7
UPDATE item SET note = 'first' ORDER BY price DESC, id LIMIT 5
INSERT INTO copied (id, n) SELECT id, n FROM item LIMIT 11
INSERT INTO copied (id, n) SELECT id, n FROM item WHERE status = 'even' ORDER BY id LIMIT 6
INSERT INTO copied (id, n) SELECT id, n FROM item ORDER BY n DESC, id LIMIT 4
INSERT INTO copied (id, n) SELECT id, n FROM item ORDER BY id LIMIT 4 OFFSET 3
INSERT INTO copied (id, n) SELECT id, -n AS id FROM item ORDER BY id LIMIT 4
INSERT INTO copied (id, n) SELECT id, n AS `N` FROM item ORDER BY item.id LIMIT 4
UPDATE item SET n = -1 ORDER BY id DESC LIMIT 9
DELETE FROM item WHERE status = 'odd' ORDER BY id DESC LIMIT 9
UPDATE ranked SET n = -1 ORDER BY made, id LIMIT 16
UPDATE ranked SET n = -1 WHERE n > 5 ORDER BY made DESC, id DESC LIMIT 16
UPDATE ranked SET n = -1 ORDER BY ranked.grade, word LIMIT 17
UPDATE ranked SET n = -1 ORDER BY grade DESC, word DESC LIMIT 17
UPDATE ranked SET n = -1 ORDER BY word LIMIT 20
UPDATE ranked SET n = -1 ORDER BY word DESC, n, id LIMIT 20
UPDATE ranked SET n = -1 ORDER BY size DESC, made, id LIMIT 20
UPDATE ranked SET n = -1 ORDER BY size, made DESC, id DESC LIMIT 20
UPDATE ranked SET n = -1 ORDER BY size, made, id LIMIT 20
UPDATE ranked SET made = '2030-01-01' ORDER BY made, id LIMIT 16
DELETE FROM ranked ORDER BY made DESC, id DESC LIMIT 15
DELETE FROM ranked WHERE n % 2 = 0 ORDER BY grade, word LIMIT 9
INSERT INTO copied (id, n) SELECT id, grade FROM ranked ORDER BY word DESC LIMIT 17
INSERT INTO copied (id, n) SELECT id, grade FROM ranked r ORDER BY r.made, r.id LIMIT 17

## insert from a query
? INSERT INTO copied (id, n) SELECT seq, seq * 2 FROM seq_1_to_40
? INSERT INTO copied (id, n) SELECT s.seq + 100, i.n FROM seq_5_to_50_step_5 s JOIN item i ON i.id = s.seq
? UPDATE item SET n = -1 WHERE id IN (SELECT seq FROM seq_3_to_9)
INSERT INTO copied (id, n) SELECT id, n FROM item
INSERT INTO copied (n, id) SELECT price, id FROM item WHERE id > 9
INSERT copied (id, n) SELECT id, n FROM item AS i WHERE i.status = 'odd'
INSERT INTO copied SELECT id, n FROM item
INSERT INTO copied SELECT * FROM third
INSERT INTO copied SELECT t.* FROM third t
? INSERT INTO copied TABLE third
INSERT INTO copied (SELECT id, n FROM item)
INSERT INTO copied (id, n) (SELECT id, n FROM item WHERE n < 30)
INSERT INTO copied (id, n) ((SELECT id, n FROM item))
INSERT INTO counted (n) SELECT n FROM item
INSERT INTO counted (n, note) SELECT n, status FROM item WHERE id % 2 = 0
INSERT INTO copied (id, n) SELECT i.id, t.n FROM item i JOIN third t ON t.id = i.id
INSERT INTO copied (id, n) SELECT i.id, t.n FROM item i LEFT JOIN third t ON t.id = i.id
INSERT INTO copied (id, n) SELECT i.id, t.n FROM third t RIGHT JOIN item i ON t.id = i.id
INSERT INTO copied (id, n) SELECT i.id, t.n FROM item i, third t WHERE t.id = i.id AND i.n > 3
INSERT INTO copied (id, n) SELECT i.id, o.s FROM item i JOIN (SELECT item, SUM(n) AS s FROM other GROUP BY item) o ON o.item = i.id
INSERT INTO copied (id, n) SELECT o.item, o.s FROM (SELECT item, SUM(n) AS s FROM other GROUP BY item) o JOIN item i ON o.item = i.id
INSERT INTO copied (id, n) WITH x AS (SELECT id, n FROM third WHERE n > 1) SELECT item.id, x.n FROM item JOIN x ON x.id = item.id
INSERT INTO copied (id, n) SELECT id, n FROM (SELECT id, n FROM third) d
INSERT INTO copied (id, n) SELECT item, MAX(n) FROM other GROUP BY item
INSERT INTO copied (id, n) SELECT DISTINCT item, 1 FROM other
INSERT INTO copied (id, n) SELECT id, n FROM third UNION SELECT id + 1000, n FROM third
INSERT INTO copied (id, n) SELECT 1, 2
INSERT INTO copied (id, n) SELECT 1, 2 FROM DUAL
INSERT INTO copied (id, n) SELECT COUNT(*), MAX(n) FROM item
INSERT INTO copied (id, n) SELECT id, ROW_NUMBER() OVER (ORDER BY n DESC, id) FROM item
INSERT INTO copied (id, n) WITH RECURSIVE c AS (SELECT 1 AS k UNION ALL SELECT k + 1 FROM c WHERE k < 20) SELECT k, k FROM c
INSERT IGNORE INTO copied (id, n) SELECT id % 10, n FROM item
INSERT IGNORE INTO filled (id, n) SELECT id, n FROM item
REPLACE INTO filled (id, n) SELECT id, n FROM item
REPLACE INTO filled SELECT id, n, 'r' FROM item WHERE id > 4
INSERT INTO filled (id, n) SELECT id, n FROM item ON DUPLICATE KEY UPDATE n = filled.n + 100
INSERT INTO filled (id, n) SELECT i.id, i.n FROM item i ON DUPLICATE KEY UPDATE filled.n = VALUES(n) + 1, note = 'dup'
INSERT INTO filled (id, n) SELECT i.id, i.n FROM item i WHERE i.n > 3 ON DUPLICATE KEY UPDATE n = i.price
INSERT INTO keyless (n) SELECT n FROM item
INSERT INTO copied (id, n) SELECT n * 3 + 500, 1 FROM keyless

## keys
UPDATE pair SET n = n + 1
UPDATE pair SET n = 0 WHERE a = 'b' AND b > 2
DELETE FROM pair WHERE b % 2 = 1
UPDATE worded SET n = n + 1
UPDATE worded SET n = 3 WHERE word >= 'm'
DELETE FROM worded WHERE LENGTH(word) > 4
UPDATE item SET id = id + 1000
UPDATE item SET id = id - 1 ORDER BY id
UPDATE keyless SET n = n + 1
DELETE FROM keyless WHERE n % 2 = 0
UPDATE pair p JOIN item i ON i.id = p.b SET p.n = i.n + 7
INSERT INTO pair (a, b, n) SELECT 'z', id, n FROM item
INSERT INTO pair (a, b, n) SELECT a, b + 100, n FROM pair

## reading the changed table
UPDATE item SET n = (SELECT x.m FROM (SELECT MAX(n) AS m FROM item) x)
DELETE FROM item WHERE id IN (SELECT id FROM (SELECT id FROM item ORDER BY n DESC LIMIT 3) x)
UPDATE item a JOIN item b ON b.id = a.id + 1 SET a.n = b.n
INSERT INTO counted (n) SELECT n FROM counted
INSERT INTO filled (id, n) SELECT id + 100, n FROM filled
INSERT INTO filled (id, n) SELECT i.id * 1000 + f.id, f.n FROM item i JOIN filled f ON f.n < 3
DELETE k FROM keyless k JOIN third t ON t.n = k.n

## types
* UPDATE typed SET {c} = {v}
* UPDATE typed SET {c} = {v} WHERE {c} IS NOT NULL AND id % 3 = 1
* UPDATE typed SET {c} = NULL WHERE id > 20
* UPDATE typed SET {c} = (SELECT x.{c} FROM typed2 x WHERE x.id = typed.id)
* UPDATE typed t JOIN typed2 o ON o.id = t.id SET t.{c} = o.{c}
* DELETE FROM typed WHERE {c} = {v}
* DELETE FROM typed WHERE {c} IS NULL
* DELETE t FROM typed t JOIN typed2 o ON o.{c} <=> t.{c} AND o.id = t.id
* INSERT INTO typed3 (id, {c}) SELECT id, {c} FROM typed
* INSERT INTO typed3 (id, {c}) SELECT id, {v} FROM typed WHERE {c} IS NOT NULL
* REPLACE INTO typed3 (id, {c}) SELECT t.id, o.{c} FROM typed t JOIN typed2 o ON o.id = t.id

## operators
= n + 1 - 2 * 3 / 4
= n DIV 2 + n MOD 3 + n % 5
= -n + - -n + ~0
= n & 7 | n ^ 2
= n << 2 >> 1
= n = 3
= n <=> NULL
= n <> 3 AND n != 4
= n < 5 OR n > 20 XOR n = 7
= n <= 5 || n >= 20 && status = 'odd'
= NOT n
= !n
= NOT NOT (n > 3)
= 1 < n < 3
= n BETWEEN 3 AND 9
= n NOT BETWEEN 3 AND n + 1
= n IN (1, 2, 3)
= n NOT IN (1, 2, n)
= n IS NULL
= note IS NOT NULL
= (n > 3) IS TRUE
= (note = 'x') IS NOT UNKNOWN
= n IS NOT FALSE
= note LIKE 'a%'
= note NOT LIKE 'a|_%' ESCAPE '|'
= note REGEXP '^[a-c]'
= note NOT REGEXP 'z$'
= note RLIKE 'x|a'
= note SOUNDS LIKE status
= BINARY note = 'A'
= note COLLATE utf8mb4_bin = 'a'
= CASE WHEN n > 10 THEN 'big' WHEN n > 5 THEN 'mid' ELSE 'small' END
= CASE n WHEN 1 THEN 'one' WHEN 2 THEN 'two' END
= CASE WHEN n IN (1, 2) THEN CASE status WHEN 'odd' THEN 1 ELSE 2 END END
= INTERVAL(n, 1, 10, 20)
= at + INTERVAL 1 DAY
= at - INTERVAL '1:30' HOUR_MINUTE
= INTERVAL n DAY + at
= DATE '2026-01-05' < at
= TIMESTAMP '2026-01-05 00:00:00'
= TIME '10:11:12'
= {d '2026-01-02'}
= {ts '2026-01-02 03:04:05'}
= (SELECT 1)
= (SELECT MAX(n) FROM third) + n
= EXISTS (SELECT 1 FROM third WHERE third.id = item.id)
= (n, id) = (SELECT n, id FROM third WHERE id = 3)
= (1, 2) < (n, 3)

## literals
= 'a' 'b' 'c'
= "double"
= 'it''s'
= 'tab\tnew\nline\\'
= _utf8mb4'text'
= _latin1 X'4D'
= N'national'
= X'4D4E'
= 0x4D4E
= b'0100'
= 0b0100
= 1.5e3
= .5
= 5.
= 1e-3
= 18446744073709551615
= -9223372036854775808
= 123456789012345678901234567890.123456789
= TRUE + FALSE
= NULL

## functions
= ABS(n - 10)
= ROUND(price, 1)
= TRUNCATE(price, 0)
= FLOOR(price) + CEILING(price)
= MOD(n, 4)
= POW(n, 2)
= GREATEST(n, 5) - LEAST(n, 3)
= SIGN(n - 4)
= CONV(n, 10, 2)
= CRC32(note)
= IF(n > 5, 'y', 'n')
= IFNULL(note, 'none')
= NULLIF(n, 3)
= COALESCE(NULL, note, 'z')
= CONCAT(note, '-', status)
= CONCAT_WS(',', note, NULL, status)
= UPPER(note)
= LOWER(status)
= LENGTH(note) + CHAR_LENGTH(note)
= LEFT(note, 2)
= RIGHT(note, 2)
= SUBSTRING(note, 2)
= SUBSTRING(note FROM 2 FOR 2)
= SUBSTR(note, -2)
= MID(note, 1, 1)
= TRIM(note)
= TRIM(LEADING 'a' FROM note)
= TRIM(TRAILING 'x' FROM note)
= TRIM(BOTH FROM note)
= TRIM('a' FROM note)
= REPLACE(note, 'a', 'b')
= INSERT(note, 1, 1, 'Z')
= REPEAT(status, 2)
= REVERSE(note)
= LPAD(n, 5, '0')
= RPAD(note, 8, '.')
= LOCATE('a', note)
= POSITION('a' IN note)
= INSTR(note, 'b')
= FIND_IN_SET(status, 'odd,even')
= FIELD(status, 'even', 'odd')
= ELT(1 + n % 2, 'a', 'b')
= ASCII(note)
= ORD(note)
= CHAR(65 + n % 26)
= CHAR(65, 66 USING utf8mb4)
= HEX(note)
= UNHEX('4D')
= BIN(n)
= FORMAT(price, 2)
= QUOTE(note)
= SOUNDEX(note)
= STRCMP(note, status)
= TO_BASE64(note)
= FROM_BASE64('QUJD')
?= MD5(CONCAT(note, ''))
?= SHA1(CONCAT(note, ''))
= SHA2(CONCAT(note, ''), 256)
= CAST(n AS CHAR)
= CAST(LEFT(note, 2) AS CHAR(2))
= CAST(n AS CHAR CHARACTER SET latin1)
= CAST(price AS SIGNED)
= CAST(n AS UNSIGNED INTEGER)
= CAST(n AS DECIMAL(10, 3))
= CAST(at AS DATE)
= CAST(at AS DATETIME(3))
= CAST('10:11:12.5' AS TIME(1))
= CAST(LEFT(note, 4) AS BINARY(4))
= CONVERT(note USING latin1)
= CONVERT(CONVERT(note USING latin1) USING utf8mb4)
= CONVERT(n, CHAR)
= CONVERT(price, DECIMAL(8,1))
= DATE(at)
= TIME(at)
= YEAR(at) + MONTH(at) + DAY(at)
= DAYNAME(at)
= EXTRACT(DAY FROM at)
= EXTRACT(YEAR_MONTH FROM at)
= DATE_FORMAT(at, '%Y/%m')
= STR_TO_DATE('05,3,2026', '%d,%m,%Y')
= DATE_ADD(at, INTERVAL n HOUR)
= DATE_SUB(at, INTERVAL 1 MONTH)
= ADDDATE(at, 3)
= TIMESTAMPADD(MINUTE, n, at)
= TIMESTAMPDIFF(DAY, at, '2026-12-31')
= DATEDIFF('2026-12-31', at)
= LAST_DAY(at)
= MAKEDATE(2026, n + 1)
= SEC_TO_TIME(n * 100)
= TO_DAYS(at)
= UNIX_TIMESTAMP(at)
= FROM_UNIXTIME(n * 100000)
= GET_FORMAT(DATE, 'ISO')
= PERIOD_ADD(202601, n)
= JSON_EXTRACT(doc, '$.a')
= JSON_UNQUOTE(JSON_EXTRACT(doc, '$.b'))
= JSON_SET(doc, '$.c', n)
= JSON_OBJECT('k', n, 'l', status)
= JSON_ARRAY(n, status, NULL)
= JSON_CONTAINS(doc, '1', '$.a')
= JSON_LENGTH(doc)
= JSON_TYPE(JSON_EXTRACT(doc, '$.a'))
= JSON_VALID(note)
= JSON_VALUE(doc, '$.b')
= JSON_KEYS(doc)
= INET_ATON('10.0.0.1') + n
= INET6_NTOA(INET6_ATON('::1'))
= ST_AsText(ST_GeomFromText('POINT(1 2)'))
= ST_X(POINT(n, 2))
= BIT_COUNT(n)
= HEX(WEIGHT_STRING(status))
= COMPRESS('abc') IS NOT NULL
= UNCOMPRESS(COMPRESS(note))
= AES_DECRYPT(AES_ENCRYPT(note, 'k'), 'k')
= EXPORT_SET(n, 'Y', 'N', ',', 4)
= MAKE_SET(n, 'a', 'b', 'c')
= CHARSET(note)
= COLLATION(status)
= REGEXP_REPLACE(note, 'a+', 'A')
= REGEXP_SUBSTR(note, '[b-z]')
= REGEXP_INSTR(note, 'b')
