UPDATE item SET price = price * 1.05 WHERE status = 'active'
UPDATE item SET price = price + 1
UPDATE item SET a = 1, b = 2 WHERE doc->'$.x' = 1
UPDATE item SET note = doc->>'$.a.b' WHERE doc->>"$.x" LIKE 'a%'
UPDATE item SET at = at + INTERVAL 1 DAY WHERE at < NOW() - INTERVAL '1:1' DAY_MINUTE
UPDATE item SET note = 'x' WHERE note COLLATE utf8mb4_bin = 'A'
UPDATE item SET a = CASE WHEN a > 1 THEN 2 WHEN a IS NULL THEN 3 ELSE 0 END
UPDATE item SET a = CASE a WHEN 1 THEN 2 END WHERE note REGEXP '^a.*$'
UPDATE item SET a = 1 WHERE note NOT REGEXP 'x' AND note RLIKE 'y'
UPDATE item SET a = a DIV 2, b = a MOD 3, a = b % 2
UPDATE item SET a = 1 WHERE a <=> NULL
UPDATE item SET a = 1 WHERE a BETWEEN 1 AND 5 OR b NOT BETWEEN 2 AND 3
UPDATE item SET a = 1 WHERE a IN (1,2,3) AND b NOT IN (4)
UPDATE item SET a = 1 WHERE a IN :ids
UPDATE item SET a = 1 WHERE a IN (:ids)
UPDATE item SET a = 1 WHERE EXISTS (SELECT 1 FROM other o WHERE o.id = item.id)
UPDATE item SET a = (SELECT MAX(n) FROM other WHERE other.id = item.a)
UPDATE item SET a = 1 WHERE (a, b) IN (SELECT id, n FROM other)
UPDATE item SET note = _utf8mb4'abc', a = 0xFF, b = b'101', a = X'4D'
UPDATE item SET note = _latin1 X'4D', note = N'x'
UPDATE item SET note = 'it''s', note = 'a\'b', note = "dou""ble", note = "a\"b"
UPDATE item i SET i.a = 1 WHERE i.b = 2
UPDATE item AS i SET i.a = 1
UPDATE `item` SET `a` = 1 WHERE `item`.`b` = 2
UPDATE item SET note = CAST(a AS CHAR(10)), a = CONVERT(note, SIGNED), note = CONVERT(note USING latin1)
UPDATE item SET a = 1 WHERE MATCH (note) AGAINST ('word' IN BOOLEAN MODE)
UPDATE item SET a = 1 WHERE MATCH (note) AGAINST ('word')
DELETE FROM item
DELETE FROM item WHERE a = 1
DELETE FROM item AS i WHERE i.a = 1
DELETE FROM item i WHERE i.a = 1;
INSERT INTO other (n) SELECT a FROM item
INSERT INTO other (id, n) SELECT id, COALESCE(a, 0) AS x FROM item AS s WHERE s.a > 1
INSERT other (id, n) SELECT s.id, IF(s.a > 1, 'x', 'y') FROM item s
INSERT INTO other (id, n) SELECT id, (SELECT COUNT(*) FROM third t WHERE t.id = i.id) FROM item i
UPDATE item SET a = 1 WHERE note SOUNDS LIKE 'x'
UPDATE item SET a = 1 WHERE 1 MEMBER OF (doc->'$.a')
UPDATE item SET a = 1 WHERE a IS TRUE OR b IS NOT UNKNOWN OR a IS NOT NULL
UPDATE item SET a = 1 WHERE a XOR b
UPDATE item SET a = 1 WHERE a = 1 && b = 2 || NOT a
UPDATE item SET a = 1 WHERE !a
UPDATE item SET a = ~a & 7 | 1 ^ 2 << 3 >> 1
UPDATE item SET a = -1 - -2, b = a--1, a = +1
UPDATE item SET at = DATE '2020-01-01', at = TIMESTAMP '2020-01-01 00:00:00', at = TIME '10:00:00'
UPDATE item SET a = 1.5e-3, b = .5, a = 1e5, a = 1.
UPDATE item SET note = CONCAT('a' 'b', note)
UPDATE item SET note = SUBSTRING(note FROM 2 FOR 3), note = TRIM(LEADING 'x' FROM note), a = EXTRACT(YEAR FROM at)
UPDATE item SET note = TRIM(note), a = POSITION('x' IN note), note = TRIM(BOTH FROM note)
UPDATE item SET note = DATE_FORMAT(at, '%Y'), at = DATE_ADD(at, INTERVAL a HOUR), at = TIMESTAMPADD(MINUTE, 1, at), a = TIMESTAMPDIFF(SECOND, at, NOW())
UPDATE item SET at = CURRENT_TIMESTAMP, at = CURRENT_TIMESTAMP(6), at = UTC_TIMESTAMP(), at = NOW(6)
UPDATE item SET a = DEFAULT, b = DEFAULT(b)
UPDATE item SET note = JSON_SET(doc, '$.a', CAST('{"x": [1, 2]}' AS JSON))
UPDATE item SET note = BINARY note WHERE BINARY note = 'x'
UPDATE item SET note = CHAR(65 USING utf8mb4), note = LEFT(note, 3), note = RIGHT(note, 3), note = REPLACE(note, 'a', 'b'), note = INSERT(note, 1, 1, 'x')
UPDATE item SET a = 1 WHERE note LIKE '10|%' ESCAPE '|'
UPDATE shop.item SET a = 1 WHERE shop.item.b = 1
UPDATE item SET a = 1 WHERE a > ALL (SELECT n FROM other) OR a = ANY (SELECT n FROM other)
UPDATE item SET a = 1 WHERE id IN (WITH x AS (SELECT id FROM other) SELECT id FROM x)
UPDATE item SET a = 1 WHERE id IN (SELECT o.id FROM other o JOIN third t ON t.id = o.id LEFT JOIN fourth f USING (id) WHERE t.n = 1 ORDER BY o.n)
UPDATE item SET a = 1 WHERE id IN (SELECT id FROM (SELECT id, ROW_NUMBER() OVER (PARTITION BY n ORDER BY id) AS r FROM other) d WHERE d.r = 1)
UPDATE item SET a = 1 WHERE id IN (SELECT id FROM other UNION SELECT id FROM third)
UPDATE item SET a = 1 WHERE a = (SELECT n FROM other, third WHERE other.id = third.id LIMIT 1)
UPDATE item SET pos = ST_GeomFromText('POINT(1 1)', 4326) WHERE ST_Contains(pos, POINT(1, 1))
UPDATE item SET a = IFNULL(:x, a), note = :note WHERE b >= :from AND id IN (1, :more, 3)
UPDATE item SET `order` = 1, `key` = 2 WHERE `group` = 3
UPDATE item SET value = 1, type = 'x', name = 'y', date = NOW(), text = 'z', year = 2020, position = 1, start = 1, end = 2, level = 1, comment = 'c', data = 'd', count = 3, rank2 = 3, user = 'u', role = 1, action = 2, time = 3, language = 'en', status = 1, timestamp = NOW(), month = 1, day = 2, hour = 3, version = 1, size = 2, title = 't', domain = 'd', account = 1, active = 1, price = 2, hash = 'x', content = 'y', object = 'o', path = 'p', source = 's', target = 't', number = 1, source_id = 2, json = 'x', bit = 1, enum = 2, points = 3, password = 'x', port = 1, host = 'h', session = 's', state = 's', url = 'u', uuid = 'x', view = 1, week = 1, quarter = 1, zone = 1, offset = 2, next = 3, first = 1, last = 2, no = 1, yes = 2
DELETE FROM item WHERE created_at < :before AND NOT EXISTS (SELECT * FROM other WHERE other.item_id = item.id)
UPDATE größe SET länge = 1 WHERE `ta ble`.x = 2
UPDATE item SET a = GREATEST(a, 1), b = COALESCE(b, 1), note = GROUP_CONCAT2(note), a = FLOOR(RAND() * 10), note = UUID(), note = SHA2(note, 256), a = CRC32(note), note = HEX(note)
UPDATE item SET a = (1 + (2 * (3 + (4 * (5 + (6 - 1))))))
UPDATE item SET a = 1 WHERE ((((((((((a = 1))))))))))
UPDATE item SET a = 1 WHERE ((((((((((((((((((((a = 1 OR b = 2))))))))))))))))))))
UPDATE item SET a = VALUES2(a), tags = 'a,b' WHERE FIND_IN_SET('a', tags) > 0
UPDATE item SET a = f(g(h(i(j(k(l(m(n(o(p(q(r(s(t(1)))))))))))))))
UPDATE item SET a = 1 WHERE id IN (SELECT id FROM o1 WHERE id IN (SELECT id FROM o2 WHERE id IN (SELECT id FROM o3 WHERE id IN (SELECT id FROM o4 WHERE id IN (SELECT id FROM o5 WHERE id IN (SELECT id FROM o6))))))
UPDATE item SET a = CASE WHEN (a = 1) THEN CASE WHEN b = 2 THEN (CASE WHEN c = 1 THEN (2 + (3 * f(1, (2), (3)))) END) END END
REPLACE INTO item (a) SELECT a FROM other
WITH x AS (SELECT 1) UPDATE item SET a = 1
INSERT INTO other (a) WITH x AS (SELECT 1) SELECT a FROM item
UPDATE item SET a = 1 LIMIT 10
DELETE FROM item WHERE a = 1 LIMIT 5
DELETE FROM item LIMIT :n
INSERT INTO other (a) SELECT a FROM item LIMIT 5
UPDATE item SET a = 1 WHERE b = 2 ORDER BY a
DELETE FROM item ORDER BY a, b DESC LIMIT 1
UPDATE item, other SET item.a = 1
UPDATE item JOIN other ON item.id = other.id SET item.a = 1
UPDATE item i LEFT JOIN other o USING (id) SET i.a = 1 WHERE o.id IS NULL
DELETE item FROM item JOIN other ON item.id = other.id
DELETE FROM item USING item JOIN other
DELETE i FROM item i
INSERT INTO third (a) SELECT i.a FROM item i, other o
INSERT INTO third (a) SELECT i.a FROM item i NATURAL JOIN other o WHERE i.a = 1
UPDATE item SET a = 1 -- WHERE b = 2
UPDATE item SET a = 1 --
UPDATE item SET a = 1 # WHERE b = 2
UPDATE item SET a = 1 /* hidden */ WHERE b = 2
UPDATE /*+ NO_MERGE() */ item SET a = 1
UPDATE item SET a = 1 WHERE note = 'it\'s' -- ' AND b = 2
UPDATE item SET a = 1 WHERE note = "x" /*"*/ AND b = 2
UPDATE item SET a = 1 WHERE `a` = 1 #`
UPDATE IGNORE item SET a = 1
DELETE IGNORE FROM item
INSERT IGNORE INTO other (a) SELECT a FROM item
UPDATE LOW_PRIORITY item SET a = 1
DELETE QUICK FROM item
UPDATE LOW_PRIORITY IGNORE item SET a = 1
INSERT INTO other SELECT * FROM item
INSERT INTO other (SELECT * FROM item)
INSERT INTO other (a) (SELECT a FROM item)
INSERT INTO other (a) TABLE item
INSERT INTO other (a) SELECT a FROM item ON DUPLICATE KEY UPDATE a = 1, b = 2
UPDATE item PARTITION (p0) SET a = 1
DELETE FROM item PARTITION (p0, p1) WHERE a = 1
UPDATE item USE INDEX (x) SET a = 1
UPDATE item i FORCE INDEX (x) SET a = 1 WHERE a = 2
INSERT INTO other (a) SELECT a FROM item IGNORE INDEX (x)
UPDATE item SET a = 1 WHERE id IN (TABLE other)
UPDATE item SET a = {d '2020-01-01'}
UPDATE item SET a = 1 WHERE a = \N
INSERT INTO other SELECT * FROM item i JOIN third t USING (id) WHERE t.n = 1
INSERT INTO other TABLE item
REPLACE other (a) SELECT a FROM item
INSERT INTO other (a) ((SELECT a FROM item))
WITH x AS (SELECT id FROM third) DELETE item FROM item JOIN x ON x.id = item.id
DELETE item.*, i.* FROM item, item AS i
UPDATE item, LATERAL (SELECT MAX(n) AS n FROM other WHERE other.id = item.id) AS m SET item.a = m.n
UPDATE item JOIN JSON_TABLE('[1]', '$[*]' COLUMNS (id FOR ORDINALITY, v INT PATH '$' DEFAULT '0' ON EMPTY NULL ON ERROR)) AS j ON j.id = item.id SET a = j.v
UPDATE item SET full = 1, final = 2, output = 3, sample = 4, rank = 5, system = 6
UPDATE item SET note = CONVERT(CONVERT(note USING latin1) USING utf8mb4), note = CAST(a AS CHAR CHARACTER SET utf8mb4), a = CONVERT(a, DECIMAL(10,2))
UPDATE item SET note = JSON_VALUE(doc, '$.a' RETURNING DECIMAL(4,2) DEFAULT 1 ON EMPTY NULL ON ERROR)
UPDATE item SET a = MATCH (note) AGAINST ('x') + 1, note = WEIGHT_STRING(note AS CHAR(4)), note = (SELECT GROUP_CONCAT(DISTINCT n ORDER BY n DESC SEPARATOR ';' LIMIT 2) FROM other)
UPDATE item SET a = 1 < 2 < 3, at = {d '2020-01-01'}, a = - -a, a = NOT NOT a
UPDATE item SET doc = COLUMN_CREATE('a', 1 AS INT, 'b', 'x' AS CHAR), a = COLUMN_GET(doc, 'a' AS UNSIGNED), a = CAST(a AS DOUBLE)
UPDATE item SET a = (SELECT COUNT(*) FROM other FOR SYSTEM_TIME AS OF TIMESTAMP '2020-01-01 00:00:00')
UPDATE item SET a = 1 WHERE a = 1 /* why */ AND b = 2 -- end
UPDATE /*+ NO_RANGE_OPTIMIZATION(item) */ item SET a = 1
