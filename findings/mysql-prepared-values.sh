#!/usr/bin/env bash
# MySQL: an expression has a different value when one of its numbers or texts is a parameter.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
start_mysql

words <<'END'
MySQL derives the type of a parameter from its context when the statement is prepared, and the value
that is bound later does not always change it. In a list after a number, a text is compared as a
number, so any word is in the list. A decimal always has 30 decimal places, of which a division
computes nine. CAST(? AS UNSIGNED) stops at the largest signed number. With the value as a literal,
each statement is correct.
END

# ask EXPRESSION LITERAL EXPECTED-OF-LITERAL EXPECTED-OF-PARAMETER
ask() {
  show "$1 with $2: written in, then as a parameter" "$3"$'\n'"$4" "$(
    mysql -e "SELECT ${1/\?/$2}; SET @value = $2;
      PREPARE p FROM \"SELECT $1\"; EXECUTE p USING @value" 2>&1
  )"
}
ask "? IN (1, 'a')" "'b'" 0 1
ask '? / 3' '1.10' 0.366667 0.366666666000000000000000000000
ask 'CAST(? AS UNSIGNED)' "'18446744073709551615'" 18446744073709551615 9223372036854775807
finish
