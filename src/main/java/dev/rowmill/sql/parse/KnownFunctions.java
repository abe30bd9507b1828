package dev.rowmill.sql.parse;

import java.util.Locale;
import java.util.Set;

/**
 * Lists the servers' own functions, and other words that may precede a parenthesis. Any other name
 * is a stored or loadable function, or one that a newer server added. Stateless.
 */
final class KnownFunctions {

  /**
   * Lists functions that wait, lock, read files, contact other servers or expose the session's
   * state.
   */
  private static final Set<String> FORBIDDEN =
      words(
          """
          benchmark binlog_gtid_pos found_rows get_lock is_free_lock is_used_lock last_insert_id
          lastval load_file master_gtid_wait master_pos_wait nextval release_all_locks release_lock
          row_count service_get_read_locks service_get_write_locks service_release_locks setval
          sleep source_pos_wait sys_eval sys_exec sys_get sys_set wait_for_executed_gtid_set
          wait_until_sql_thread_after_gtids wsrep_last_seen_gtid wsrep_last_written_gtid
          wsrep_sync_wait_upto_gtid
          """);

  private static final Set<String> AGGREGATES =
      words(
          """
          avg bit_and bit_or bit_xor count group_concat json_arrayagg json_objectagg max min
          st_collect std stddev stddev_pop stddev_samp sum var_pop var_samp variance
          """);

  private static final Set<String> HARMLESS =
      words(
          """
          abs acos add_months adddate addtime aes_decrypt aes_encrypt any_value ascii asin atan
          atan2 bin bin_to_uuid bit_count bit_length cast ceil ceiling char char_length
          character_length charset chr coalesce coercibility collation column_add column_check
          column_create column_delete column_exists column_get column_json column_list compress
          concat concat_operator_oracle concat_ws connection_id conv convert convert_tz cos cot
          crc32 crc32c cume_dist curdate current_date current_role current_time current_timestamp
          current_user curtime database date date_add date_format date_sub datediff day dayname
          dayofmonth dayofweek dayofyear decode decode_histogram decode_oracle default degrees
          dense_rank des_decrypt des_encrypt elt encode encrypt exp export_set extract extractvalue
          field find_in_set first_value floor format format_bytes format_pico_time from_base64
          from_days from_unixtime get_format greatest grouping gtid_subset gtid_subtract hex hour
          if ifnull inet6_aton inet6_ntoa inet_aton inet_ntoa insert instr interval is_ipv4
          is_ipv4_compat is_ipv4_mapped is_ipv6 is_uuid isnull kdf lag last_day last_value lcase
          lead least left length lengthb ln localtime localtimestamp locate log log10 log2 lower
          lpad lpad_oracle ltrim ltrim_oracle make_set makedate maketime match md5 median
          microsecond mid minute mod month monthname name_const natural_sort_key now nth_value
          ntile nullif nvl nvl2 oct octet_length old_password ord password percent_rank
          percentile_cont percentile_disc period_add period_diff pi position pow power quarter
          quote radians rand random_bytes rank regexp_instr regexp_like regexp_replace
          regexp_substr repeat replace replace_oracle reverse right round row_number rpad
          rpad_oracle rtrim rtrim_oracle schema schemas sec_to_time second session_user sformat
          sha sha1 sha2 sign sin soundex space sqrt statement_digest statement_digest_text
          str_to_date strcmp subdate substr substr_oracle substring substring_index subtime
          sys_guid sysdate system_user tan time time_format time_to_sec timediff timestamp
          timestampadd timestampdiff to_base64 to_char to_date to_days to_number to_seconds
          translate trim trim_oracle trunc truncate ucase uncompress uncompressed_length unhex
          unix_timestamp updatexml upper user utc_date utc_time utc_timestamp uuid uuid_short
          uuid_to_bin uuid_v4 uuid_v7 uuidv4 uuidv7 validate_password_strength values
          vec_distance vec_distance_cosine vec_distance_euclidean vec_fromtext vec_totext version
          week weekday weekofyear weight_string year yearweek
          distance from_vector string_to_vector to_vector vector_dim vector_to_string
          json_array json_array_append json_array_insert json_array_intersect json_compact
          json_contains json_contains_path json_depth json_detailed json_equals json_exists
          json_extract json_insert json_key_value json_keys json_length json_loose json_merge
          json_merge_patch json_merge_preserve json_normalize json_object
          json_object_filter_keys json_object_to_array json_overlaps json_pretty json_query
          json_quote json_remove json_replace json_schema_valid json_schema_validation_report
          json_search json_set json_storage_free json_storage_size json_table json_type
          json_unquote json_valid json_value
          """);

  /** Lists the spatial functions, with the prefix ST_ and, for older versions, without it. */
  private static final Set<String> SPATIAL =
      words(
          """
          area asbinary astext aswkb aswkt boundary buffer centroid contains convexhull crosses
          dimension disjoint endpoint envelope equals exteriorring geomcollfromtext
          geomcollfromwkb geometrycollection geometrycollectionfromtext
          geometrycollectionfromwkb geometryfromtext geometryfromwkb geometryn geometrytype
          geomfromtext geomfromwkb glength interiorringn intersects isclosed isempty isring
          issimple linefromtext linefromwkb linestring linestringfromtext linestringfromwkb
          mbrcontains mbrcoveredby mbrcovers mbrdisjoint mbrequal mbrequals mbrintersects
          mbroverlaps mbrtouches mbrwithin mlinefromtext mlinefromwkb mpointfromtext
          mpointfromwkb mpolyfromtext mpolyfromwkb multilinestring multilinestringfromtext
          multilinestringfromwkb multipoint multipointfromtext multipointfromwkb multipolygon
          multipolygonfromtext multipolygonfromwkb numgeometries numinteriorrings numpoints
          overlaps point pointfromtext pointfromwkb pointn pointonsurface polyfromtext
          polyfromwkb polygon polygonfromtext polygonfromwkb srid startpoint touches within x y
          st_area st_asbinary st_asgeojson st_astext st_aswkb st_aswkt st_boundary st_buffer
          st_buffer_strategy st_centroid st_contains st_convexhull st_crosses st_difference
          st_dimension st_disjoint st_distance st_distance_sphere st_endpoint st_envelope
          st_equals st_exteriorring st_frechetdistance st_geohash st_geomcollfromtext
          st_geomcollfromtxt st_geomcollfromwkb st_geometrycollectionfromtext
          st_geometrycollectionfromwkb st_geometryfromtext st_geometryfromwkb st_geometryn
          st_geometrytype st_geomfromgeojson st_geomfromtext st_geomfromwkb
          st_hausdorffdistance st_interiorringn st_intersection st_intersects st_isclosed
          st_isempty st_isring st_issimple st_isvalid st_latfromgeohash st_latitude st_length
          st_linefromtext st_linefromwkb st_lineinterpolatepoint st_lineinterpolatepoints
          st_linestringfromtext st_linestringfromwkb st_longfromgeohash st_longitude
          st_makeenvelope st_mlinefromtext st_mlinefromwkb st_mpointfromtext st_mpointfromwkb
          st_mpolyfromtext st_mpolyfromwkb st_multilinestringfromtext
          st_multilinestringfromwkb st_multipointfromtext st_multipointfromwkb
          st_multipolygonfromtext st_multipolygonfromwkb st_numgeometries st_numinteriorring
          st_numinteriorrings st_numpoints st_overlaps st_pointatdistance st_pointfromgeohash
          st_pointfromtext st_pointfromwkb st_pointn st_pointonsurface st_polyfromtext
          st_polyfromwkb st_polygonfromtext st_polygonfromwkb st_relate st_simplify st_srid
          st_startpoint st_swapxy st_symdifference st_touches st_transform st_union
          st_validate st_within st_x st_y
          """);

  /**
   * Lists functions whose result depends on nothing but their arguments, the time zone, the SQL
   * mode, the connection's collation and the precision of divisions.
   */
  private static final Set<String> OF_ARGUMENTS =
      words(
          """
          abs acos ascii asin atan atan2 bin bit_count bit_length cast ceil ceiling char_length
          character_length coalesce concat concat_ws conv cos cot crc32 datediff day dayofmonth
          dayofweek dayofyear degrees elt exp export_set field find_in_set floor from_base64
          from_days greatest hex hour if ifnull inet6_aton inet6_ntoa inet_aton inet_ntoa insert
          instr interval isnull last_day lcase least left length ln locate log log10 log2 lower
          lpad ltrim make_set md5 mid minute mod month nullif nvl nvl2 octet_length ord
          pi position pow power quarter radians repeat replace reverse right round rpad rtrim
          second sha sha1 sha2 sign sin soundex space sqrt strcmp substr substring
          substring_index tan to_base64 to_days trim truncate ucase unhex upper weekday year
          """);

  private KnownFunctions() {}

  private static Set<String> words(String words) {
    return Set.of(words.strip().split("\\s+"));
  }

  static boolean isForbidden(String name) {
    return FORBIDDEN.contains(name.toLowerCase(Locale.ROOT));
  }

  static boolean isAggregate(String name) {
    return AGGREGATES.contains(name.toLowerCase(Locale.ROOT));
  }

  /** Returns whether the result of a function depends on nothing but the row and the session. */
  static boolean isOfItsArguments(String name) {
    return OF_ARGUMENTS.contains(name.toLowerCase(Locale.ROOT));
  }

  /** Returns whether a function is one of the servers' own that are allowed. */
  static boolean isKnown(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return HARMLESS.contains(lower) || AGGREGATES.contains(lower) || SPATIAL.contains(lower);
  }
}
