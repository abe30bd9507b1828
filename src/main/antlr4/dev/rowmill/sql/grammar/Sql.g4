/*
 * UPDATE, DELETE, INSERT … SELECT, REPLACE … SELECT and SELECT, in the syntax of MySQL 8.4 and 9 and
 * of MariaDB 10.6 and newer together.
 *
 * The grammar finds the structure that Rowmill works on: clauses, tables, columns, functions,
 * subqueries, literals and parameters, each with its position in the text. It leaves the precedence of
 * operators to the server, because the text of an expression is never rewritten: an expression is a
 * flat sequence of terms and operators. So a long chain of operators is a loop, not a recursion. The
 * server prepares each statement before it runs, and rejects what this grammar accepts beyond its
 * syntax.
 *
 * Keywords are those that the grammar needs. A word that either server takes as a name is also an
 * identifier here; a word that both servers reserve never is.
 */
grammar Sql;

options {
  caseInsensitive = true;
}

// Made of words by the lexer, see its members.
tokens { RESERVED }

@lexer::members {
  /** Words that MySQL and MariaDB both reserve and that have no token of their own. */
  private static final java.util.Set<String> RESERVED_WORDS =
      java.util.Set.of(
          "ACCESSIBLE", "ADD", "ALTER", "ANALYZE", "ASENSITIVE", "BEFORE", "BIGINT", "BLOB", "CALL",
          "CASCADE", "CHANGE", "CHAR", "CHARACTER", "CHECK", "COLUMN", "CONDITION", "CONSTRAINT",
          "CONTINUE", "CREATE", "CURSOR", "DATABASE", "DATABASES", "DEC", "DECIMAL", "DECLARE",
          "DESCRIBE", "DETERMINISTIC", "DOUBLE", "DROP", "EACH", "ELSEIF", "ENCLOSED", "ESCAPED",
          "EXIT", "EXPLAIN", "FLOAT", "FLOAT4", "FLOAT8", "FOREIGN", "FULLTEXT", "GRANT", "IF",
          "INFILE", "INOUT", "INSENSITIVE", "INT", "INT1", "INT2", "INT3", "INT4", "INT8", "INTEGER",
          "ITERATE", "KEYS", "KILL", "LEAVE", "LINEAR", "LINES", "LOAD", "LONG", "LONGBLOB",
          "LONGTEXT", "LOOP", "MAXVALUE", "MEDIUMBLOB", "MEDIUMINT", "MEDIUMTEXT", "MIDDLEINT",
          "MODIFIES", "NO_WRITE_TO_BINLOG", "NUMERIC", "OPTIMIZE", "OPTION", "OPTIONALLY", "OUT",
          "PRECISION", "PROCEDURE", "PURGE", "READ", "READS", "REAL", "REFERENCES", "RELEASE",
          "RENAME", "REPEAT", "REQUIRE", "RESIGNAL", "RESTRICT", "RETURN", "REVOKE", "SCHEMA",
          "SCHEMAS", "SENSITIVE", "SHOW", "SIGNAL", "SMALLINT", "SPATIAL", "SPECIFIC", "SQL",
          "SQLEXCEPTION", "SQLSTATE", "SQLWARNING", "SSL", "STARTING", "TERMINATED", "TINYBLOB",
          "TINYINT", "TINYTEXT", "TRIGGER", "UNDO", "UNIQUE", "UNLOCK", "UNSIGNED", "USAGE",
          "VARBINARY", "VARCHAR", "VARCHARACTER", "VARYING", "WHILE", "WRITE", "ZEROFILL");

  private boolean isReserved() {
    return RESERVED_WORDS.contains(getText().toUpperCase(java.util.Locale.ROOT));
  }
}

@parser::members {
  /** Rules that may be open at the same time. A frame of a rule takes some hundred bytes of stack. */
  private static final int MOST_OPEN_RULES = 1_000;

  private int openRules;

  /** Thrown for a statement that is nested too deeply. */
  public static final class TooDeepException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  @Override
  public void enterRule(ParserRuleContext localctx, int state, int ruleIndex) {
    if (++openRules > MOST_OPEN_RULES) {
      throw new TooDeepException();
    }
    super.enterRule(localctx, state, ruleIndex);
  }

  @Override
  public void exitRule() {
    openRules--;
    super.exitRule();
  }
}

// Statements

statement : (update | delete | insert | query) EOF;

update
  : withClause? UPDATE modifier* tables SET assignment (COMMA assignment)*
    whereClause? orderClause? limitClause? returningClause?
  ;

delete
  : withClause? DELETE modifier* FROM tableFactor
    whereClause? orderClause? limitClause? returningClause?                         # deleteFromOne
  | withClause? DELETE modifier* FROM deleteTarget (COMMA deleteTarget)* USING tables
    whereClause? orderClause? limitClause? returningClause?                         # deleteUsing
  | withClause? DELETE modifier* deleteTarget (COMMA deleteTarget)* FROM tables
    whereClause? orderClause? limitClause? returningClause?                         # deleteTargets
  ;

deleteTarget : tableName (DOT STAR)?;

insert
  : (INSERT | REPLACE) modifier* INTO? tableName partitionClause? insertColumns?
    query onDuplicateKey? returningClause?
  ;

insertColumns : LPAREN (columnName (COMMA columnName)*)? RPAREN;

onDuplicateKey : ON DUPLICATE KEY UPDATE assignment (COMMA assignment)*;

assignment : columnName EQ expression;

modifier : LOW_PRIORITY | HIGH_PRIORITY | DELAYED | QUICK | IGNORE;

returningClause : RETURNING selectItem (COMMA selectItem)*;

// Queries

query : withClause? queryBody orderClause? limitClause? lockingClause*;

withClause : WITH RECURSIVE? commonTable (COMMA commonTable)*;

commonTable
  : identifier columnList? AS subquery (CYCLE identifier (COMMA identifier)* anyRestrict)?
  ;

anyRestrict : RESERVED;

queryBody : queryTerm (setOperator queryTerm)*;

setOperator : (UNION | EXCEPT | INTERSECT | MINUS) (ALL | DISTINCT)?;

queryTerm
  : select                                        # selectTerm
  | VALUES valueRow (COMMA valueRow)*             # valuesTerm
  | TABLE tableName                               # tableTerm
  | LPAREN query RPAREN                           # nestedTerm
  ;

valueRow : ROW? LPAREN (expression (COMMA expression)*)? RPAREN;

select
  : SELECT selectOption* selectItem (COMMA selectItem)*
    (FROM tables)? whereClause? groupClause? havingClause? windowClause? qualifyClause?
  ;

selectOption
  : ALL | DISTINCT | DISTINCTROW | HIGH_PRIORITY | STRAIGHT_JOIN | SQL_SMALL_RESULT
  | SQL_BIG_RESULT | SQL_BUFFER_RESULT | SQL_NO_CACHE | SQL_CACHE | SQL_CALC_FOUND_ROWS
  ;

selectItem
  : STAR                                          # allColumns
  | tableName DOT STAR                            # allOfTable
  | expression (AS? (identifier | STRING))?       # oneColumn
  ;

whereClause : WHERE expression;

groupClause : GROUP BY orderItem (COMMA orderItem)* (WITH ROLLUP)?;

havingClause : HAVING expression;

qualifyClause : QUALIFY expression;

windowClause : WINDOW identifier AS windowSpec (COMMA identifier AS windowSpec)*;

orderClause : ORDER BY orderItem (COMMA orderItem)*;

orderItem : expression (ASC | DESC)?;

limitClause
  : LIMIT expression ((COMMA | OFFSET) expression)? (ROWS EXAMINED expression)?
  | LIMIT ROWS EXAMINED expression
  | OFFSET expression (ROW | ROWS) fetchClause?
  | fetchClause
  ;

fetchClause : FETCH (FIRST | NEXT) expression? (ROW | ROWS) (ONLY | WITH TIES);

lockingClause
  : FOR (UPDATE | SHARE) (OF tableName (COMMA tableName)*)? (NOWAIT | SKIP_ LOCKED | WAIT NUMBER)?
  | LOCK IN SHARE MODE (NOWAIT | SKIP_ LOCKED | WAIT NUMBER)?
  ;

subquery : LPAREN query RPAREN;

// Tables

tables : joined (COMMA joined)*;

joined : tableFactor joinPart*;

joinPart : joinKind joined (ON expression | USING columnList)?;

joinKind
  : (INNER | CROSS)? JOIN
  | STRAIGHT_JOIN
  | (LEFT | RIGHT | FULL) OUTER? JOIN
  | NATURAL (INNER | (LEFT | RIGHT) OUTER?)? JOIN
  ;

tableFactor
  : tableName partitionClause? systemTime? portion? tableAlias? partitionClause? indexHint*  # baseTable
  | LATERAL? subquery tableAlias? columnList?                                 # derivedTable
  | LPAREN tables RPAREN                                                      # nestedTables
  | JSON_TABLE LPAREN expression COMMA expression jsonColumns RPAREN tableAlias?  # jsonTable
  | LBRACE OJ joined RBRACE                                                   # outerJoinEscape
  ;

// FULL is the kind of a join in newer servers, so it is no alias without AS.
tableAlias : AS identifier | identifierButFull;

partitionClause : PARTITION LPAREN identifier (COMMA identifier)* RPAREN;

systemTime
  : FOR SYSTEM_TIME
    ( AS OF (TIMESTAMP | TRANSACTION)? expression
    | BETWEEN (TIMESTAMP | TRANSACTION)? term AND (TIMESTAMP | TRANSACTION)? term
    | FROM (TIMESTAMP | TRANSACTION)? expression TO (TIMESTAMP | TRANSACTION)? expression
    | ALL
    )
  ;

portion : FOR PORTION OF identifier FROM expression TO expression;

indexHint
  : (USE | FORCE | IGNORE) (INDEX | KEY) (FOR (JOIN | ORDER BY | GROUP BY))?
    LPAREN ((identifier | PRIMARY) (COMMA (identifier | PRIMARY))*)? RPAREN
  ;

columnList : LPAREN identifier (COMMA identifier)* RPAREN;

jsonColumns : COLUMNS LPAREN jsonColumn (COMMA jsonColumn)* RPAREN;

jsonColumn
  : identifier FOR ORDINALITY
  | identifier type EXISTS? PATH STRING onEmptyOrError*
  | NESTED PATH? STRING jsonColumns
  ;

onEmptyOrError : (NULL | ERROR | DEFAULT prefix* literal) ON (EMPTY | ERROR);

// Expressions

expression : term (operator term | postfix)*;

term : prefix* primary;

prefix : NOT | BANG | MINUS_SIGN | PLUS | TILDE | BINARY;

operator
  : OR | OR_SYMBOL | XOR | AND | AND_SYMBOL | PIPE | AMPERSAND | CARET | PLUS | MINUS_SIGN | STAR
  | SLASH | PERCENT | DIV | MOD | SHIFT | ARROW
  | (EQ | COMPARISON) (ALL | ANY | SOME)?
  | NOT? (IN | LIKE | REGEXP | RLIKE | BETWEEN SYMMETRIC?)
  | SOUNDS LIKE
  | ESCAPE
  | MEMBER OF?
  ;

postfix
  : IS NOT? (NULL | TRUE | FALSE | UNKNOWN)
  | COLLATE (identifier | STRING | BINARY)
  ;

primary
  : literal                                                            # literalValue
  | PARAMETER                                                          # parameterValue
  | subquery                                                           # subqueryValue
  | EXISTS subquery                                                    # existsValue
  | ROW? LPAREN expression (COMMA expression)* RPAREN                  # parentheses
  | CASE expression? (WHEN expression THEN expression)+ (ELSE expression)? END  # caseValue
  | INTERVAL expression identifier                                     # intervalValue
  | MATCH (columns | LPAREN columns RPAREN)
    AGAINST LPAREN term (arithmetic term)* searchMode? RPAREN          # matchValue
  | CONVERT LPAREN expression (COMMA type | USING charset) RPAREN      # convertValue
  | (NEXT | PREVIOUS) VALUE FOR tableName                              # sequenceValue
  | LBRACE identifier expression RBRACE                                # escapeValue
  | (DEFAULT | IGNORE)                                                 # defaultValue
  | functionName LPAREN arguments? RPAREN functionTail*                # functionValue
  | columnName                                                         # columnValue
  ;

columns : columnName (COMMA columnName)*;

arithmetic : PLUS | MINUS_SIGN | STAR | SLASH | PIPE | AMPERSAND | CARET | OR_SYMBOL;

searchMode
  : IN NATURAL LANGUAGE MODE (WITH QUERY EXPANSION)?
  | IN BOOLEAN MODE
  | WITH QUERY EXPANSION
  ;

functionName : (identifier | reservedFunction) (DOT_NAME | DOT identifier)?;

reservedFunction
  : RESERVED | LEFT | RIGHT | REPLACE | INSERT | MOD | VALUES | DEFAULT | INTERVAL
  ;

arguments
  : STAR
  | (ALL | DISTINCT)? argument (COMMA argument)* orderClause? (SEPARATOR (STRING | PARAMETER))?
    limitClause?
  ;

argument
  : (LEADING | TRAILING | BOTH) expression? FROM expression
  | expression argumentTail*
  ;

argumentTail
  : FROM expression
  | FOR expression
  | AS type (LEVEL (NUMBER | MINUS_SIGN | COMMA | ASC | DESC | REVERSE)+)?
  | LEVEL (NUMBER | MINUS_SIGN | COMMA | ASC | DESC | REVERSE)+
  | USING charset
  | AT TIME ZONE INTERVAL? STRING (AS type)?
  | RETURNING type
  | onEmptyOrError
  ;

functionTail
  : WITHIN GROUP LPAREN orderClause RPAREN
  | (IGNORE | RESPECT) NULLS
  | FROM (FIRST | LAST)
  | OVER (identifier | windowSpec)
  ;

windowSpec
  : LPAREN identifier? (PARTITION BY expression (COMMA expression)*)? orderClause? frame? RPAREN
  ;

frame
  : (ROWS | RANGE | GROUPS) (frameBound | BETWEEN frameBound AND frameBound)
    (EXCLUDE (CURRENT ROW | GROUP | TIES | NO OTHERS))?
  ;

frameBound
  : CURRENT ROW
  | UNBOUNDED (PRECEDING | FOLLOWING)
  | expression (PRECEDING | FOLLOWING)
  ;

type
  : typeWord (typeWord | SET charset | LPAREN NUMBER (COMMA NUMBER)* RPAREN)*
    (COLLATE (identifier | STRING))?
  ;

typeWord : identifier | RESERVED | BINARY;

charset : identifier | STRING | BINARY | RESERVED;

literal
  : INTRODUCER? STRING+
  | INTRODUCER? (HEX | BITS)
  | (DATE | TIME | TIMESTAMP) STRING
  | NATIONAL STRING*
  | NUMBER
  | TRUE
  | FALSE
  | NULL
  | BACKSLASH_N
  ;

// Names

tableName : identifier (DOT_NAME | DOT identifier)? | DOT_NAME;

columnName : identifier (DOT_NAME | DOT identifier)* | DOT_NAME (DOT_NAME | DOT identifier)*;

identifier : identifierButFull | FULL;

identifierButFull
  : WORD | QUOTED_NAME | INTRODUCER
  | AGAINST | ANY | AT | BOOLEAN | COLUMNS | CURRENT | CYCLE | DATE | DUPLICATE | EMPTY | END | ERROR
  | ESCAPE | EXAMINED | EXCLUDE | EXPANSION | FIRST | FOLLOWING | GROUPS | JSON_TABLE | LANGUAGE
  | LAST | LATERAL | LEVEL | LOCKED | MEMBER | MINUS | MODE | NESTED | NEXT | NO | NOWAIT | NULLS
  | OF | OFFSET | OJ | ONLY | ORDINALITY | OTHERS | OVER | PATH | PORTION | PRECEDING | PREVIOUS
  | QUALIFY | QUERY | QUICK | RESPECT | RETURNING | REVERSE | ROLLUP | ROW | ROWS | SHARE | SKIP_
  | SOME | SOUNDS | SQL_CACHE | SQL_NO_CACHE | SQL_BUFFER_RESULT | SYMMETRIC | SYSTEM_TIME | TIES | TIME
  | TIMESTAMP | TRANSACTION | UNBOUNDED | UNKNOWN | VALUE | WAIT | WINDOW | WITHIN | ZONE
  ;

// Keywords

AGAINST : 'AGAINST';
ALL : 'ALL';
AND : 'AND';
ANY : 'ANY';
AS : 'AS';
ASC : 'ASC';
AT : 'AT';
BETWEEN : 'BETWEEN';
BINARY : 'BINARY';
BOOLEAN : 'BOOLEAN';
BOTH : 'BOTH';
BY : 'BY';
CASE : 'CASE';
COLLATE : 'COLLATE';
COLUMNS : 'COLUMNS';
CONVERT : 'CONVERT';
CROSS : 'CROSS';
CURRENT : 'CURRENT';
CYCLE : 'CYCLE';
DATE : 'DATE';
DEFAULT : 'DEFAULT';
DELAYED : 'DELAYED';
DELETE : 'DELETE';
DESC : 'DESC';
DISTINCT : 'DISTINCT';
DISTINCTROW : 'DISTINCTROW';
DIV : 'DIV';
DUPLICATE : 'DUPLICATE';
ELSE : 'ELSE';
EMPTY : 'EMPTY';
END : 'END';
ERROR : 'ERROR';
ESCAPE : 'ESCAPE';
EXAMINED : 'EXAMINED';
EXCEPT : 'EXCEPT';
EXCLUDE : 'EXCLUDE';
EXISTS : 'EXISTS';
EXPANSION : 'EXPANSION';
FALSE : 'FALSE';
FETCH : 'FETCH';
FIRST : 'FIRST';
FOLLOWING : 'FOLLOWING';
FOR : 'FOR';
FORCE : 'FORCE';
FROM : 'FROM';
FULL : 'FULL';
GROUP : 'GROUP';
GROUPS : 'GROUPS';
HAVING : 'HAVING';
HIGH_PRIORITY : 'HIGH_PRIORITY';
IGNORE : 'IGNORE';
IN : 'IN';
INDEX : 'INDEX';
INNER : 'INNER';
INSERT : 'INSERT';
INTERSECT : 'INTERSECT';
INTERVAL : 'INTERVAL';
INTO : 'INTO';
IS : 'IS';
JOIN : 'JOIN';
JSON_TABLE : 'JSON_TABLE';
KEY : 'KEY';
LANGUAGE : 'LANGUAGE';
LAST : 'LAST';
LATERAL : 'LATERAL';
LEADING : 'LEADING';
LEFT : 'LEFT';
LEVEL : 'LEVEL';
LIKE : 'LIKE';
LIMIT : 'LIMIT';
LOCK : 'LOCK';
LOCKED : 'LOCKED';
LOW_PRIORITY : 'LOW_PRIORITY';
MATCH : 'MATCH';
MEMBER : 'MEMBER';
MINUS : 'MINUS';
MOD : 'MOD';
MODE : 'MODE';
NATURAL : 'NATURAL';
NESTED : 'NESTED';
NEXT : 'NEXT';
NO : 'NO';
NOT : 'NOT';
NOWAIT : 'NOWAIT';
NULL : 'NULL';
NULLS : 'NULLS';
OF : 'OF';
OFFSET : 'OFFSET';
OJ : 'OJ';
ON : 'ON';
ONLY : 'ONLY';
OR : 'OR';
ORDER : 'ORDER';
ORDINALITY : 'ORDINALITY';
OTHERS : 'OTHERS';
OUTER : 'OUTER';
OVER : 'OVER';
PARTITION : 'PARTITION';
PATH : 'PATH';
PORTION : 'PORTION';
PRECEDING : 'PRECEDING';
PREVIOUS : 'PREVIOUS';
PRIMARY : 'PRIMARY';
QUALIFY : 'QUALIFY';
QUERY : 'QUERY';
QUICK : 'QUICK';
RANGE : 'RANGE';
RECURSIVE : 'RECURSIVE';
REGEXP : 'REGEXP';
REPLACE : 'REPLACE';
RESPECT : 'RESPECT';
RETURNING : 'RETURNING';
REVERSE : 'REVERSE';
RIGHT : 'RIGHT';
RLIKE : 'RLIKE';
ROLLUP : 'ROLLUP';
ROW : 'ROW';
ROWS : 'ROWS';
SELECT : 'SELECT';
SEPARATOR : 'SEPARATOR';
SET : 'SET';
SHARE : 'SHARE';
SKIP_ : 'SKIP';
SOME : 'SOME';
SOUNDS : 'SOUNDS';
SQL_BIG_RESULT : 'SQL_BIG_RESULT';
SQL_BUFFER_RESULT : 'SQL_BUFFER_RESULT';
SQL_CACHE : 'SQL_CACHE';
SQL_CALC_FOUND_ROWS : 'SQL_CALC_FOUND_ROWS';
SQL_NO_CACHE : 'SQL_NO_CACHE';
SQL_SMALL_RESULT : 'SQL_SMALL_RESULT';
STRAIGHT_JOIN : 'STRAIGHT_JOIN';
SYMMETRIC : 'SYMMETRIC';
SYSTEM_TIME : 'SYSTEM_TIME';
TABLE : 'TABLE';
THEN : 'THEN';
TIES : 'TIES';
TIME : 'TIME';
TIMESTAMP : 'TIMESTAMP';
TO : 'TO';
TRAILING : 'TRAILING';
TRANSACTION : 'TRANSACTION';
TRUE : 'TRUE';
UNBOUNDED : 'UNBOUNDED';
UNION : 'UNION';
UNKNOWN : 'UNKNOWN';
UPDATE : 'UPDATE';
USE : 'USE';
USING : 'USING';
VALUE : 'VALUE';
VALUES : 'VALUES';
WAIT : 'WAIT';
WHEN : 'WHEN';
WHERE : 'WHERE';
WINDOW : 'WINDOW';
WITH : 'WITH';
WITHIN : 'WITHIN';
XOR : 'XOR';
ZONE : 'ZONE';

// Symbols

LPAREN : '(';
RPAREN : ')';
LBRACE : '{';
RBRACE : '}';
COMMA : ',';
DOT : '.';
STAR : '*';
EQ : '=';
COMPARISON : '<=>' | '<=' | '>=' | '<>' | '!=' | '<' | '>';
ARROW : '->' | '->>';
SHIFT : '<<' | '>>';
OR_SYMBOL : '||';
AND_SYMBOL : '&&';
PIPE : '|';
AMPERSAND : '&';
CARET : '^';
TILDE : '~';
BANG : '!';
PLUS : '+';
MINUS_SIGN : '-';
SLASH : '/';
PERCENT : '%';

// Literals and names. Text follows the default mode of both servers: neither ANSI_QUOTES nor
// NO_BACKSLASH_ESCAPES.

PARAMETER : ':' [A-Z_] [A-Z0-9_]*;

NUMBER
  : DIGIT+ ('.' DIGIT*)? EXPONENT?
  | '.' DIGIT+ EXPONENT?
  ;

HEX : '0x' [0-9A-F]+ | 'x' '\'' [0-9A-F]* '\'';

BITS : '0b' [01]+ | 'b' '\'' [01]* '\'';

NATIONAL : 'n' SINGLE_QUOTED;

STRING : SINGLE_QUOTED | '"' ('\\' . | '""' | ~["\\])* '"';

BACKSLASH_N : '\\N';

QUOTED_NAME : '`' ('``' | ~[`\u0000])+ '`';

INTRODUCER : '_' [A-Z0-9]+;

WORD : NAME_CHARACTER* NAME_START NAME_CHARACTER* { if (isReserved()) { setType(SqlParser.RESERVED); } };

/** A name directly behind a dot, which is never a keyword. */
DOT_NAME : '.' NAME_CHARACTER* NAME_START NAME_CHARACTER*;

WHITE_SPACE : [ \t\r\n]+ -> channel(HIDDEN);

HINT : '/*+' .*? '*/' -> channel(HIDDEN);

COMMENT
  : ( '/*' .*? '*/'
    | '#' ~[\n]*
    | '--' ([ \t\r] ~[\n]*)? ('\n' | EOF)
    ) -> channel(HIDDEN)
  ;

/** Matches any other character; no rule accepts it. */
OTHER : .;

fragment SINGLE_QUOTED : '\'' ('\\' . | '\'\'' | ~['\\])* '\'';
fragment DIGIT : [0-9];
fragment EXPONENT : 'e' [+-]? DIGIT+;
fragment NAME_START : [A-Z_$\u0080-\uFFFF];
fragment NAME_CHARACTER : NAME_START | DIGIT;
