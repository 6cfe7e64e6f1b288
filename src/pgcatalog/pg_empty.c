/* Of what there is none here: triggers, replication, extensions, foreign tables, text search ...
 * The columns are there, so that whoever asks gets no rows and no error. */
#include "pgcatalog/definition.h"

const struct relation_definition pg_empty_relations[] = {
    {"pg_amop",
     "oid oid, amopfamily oid, amoplefttype oid, amoprighttype oid, amopstrategy int2, "
     "amoppurpose char, amopopr oid, amopmethod oid, amopsortfamily oid",
     NULL, 2602},
    {"pg_amproc",
     "oid oid, amprocfamily oid, amproclefttype oid, amprocrighttype oid, amprocnum int2, "
     "amproc regproc",
     NULL, 2603},
    {"pg_available_extension_versions",
     "name name, version text, installed bool, superuser bool, trusted bool, relocatable bool, "
     "schema name, requires _name, comment text",
     NULL, 0},
    {"pg_available_extensions",
     "name name, default_version text, installed_version text, comment text", NULL, 0},
    {"pg_cast",
     "oid oid, castsource oid, casttarget oid, castfunc oid, castcontext char, castmethod char",
     NULL, 2605},
    {"pg_conversion",
     "oid oid, conname name, connamespace oid, conowner oid, conforencoding int4, "
     "contoencoding int4, conproc regproc, condefault bool",
     NULL, 2607},
    {"pg_cursors",
     "name text, statement text, is_holdable bool, is_binary bool, is_scrollable bool, "
     "creation_time timestamptz",
     NULL, 0},
    {"pg_db_role_setting", "setdatabase oid, setrole oid, setconfig _text", NULL, 2964},
    {"pg_default_acl",
     "oid oid, defaclrole oid, defaclnamespace oid, defaclobjtype char, defaclacl _aclitem", NULL,
     826},
    {"pg_event_trigger",
     "oid oid, evtname name, evtevent name, evtowner oid, evtfoid oid, evtenabled char, "
     "evttags _text",
     NULL, 3466},
    {"pg_foreign_data_wrapper",
     "oid oid, fdwname name, fdwowner oid, fdwhandler oid, fdwvalidator oid, fdwacl _aclitem, "
     "fdwoptions _text",
     NULL, 2328},
    {"pg_foreign_server",
     "oid oid, srvname name, srvowner oid, srvfdw oid, srvtype text, srvversion text, "
     "srvacl _aclitem, srvoptions _text",
     NULL, 1417},
    {"pg_foreign_table", "ftrelid oid, ftserver oid, ftoptions _text", NULL, 3118},
    {"pg_inherits", "inhrelid oid, inhparent oid, inhseqno int4, inhdetachpending bool", NULL,
     2611},
    {"pg_init_privs", "objoid oid, classoid oid, objsubid int4, privtype char, initprivs _aclitem",
     NULL, 3394},
    {"pg_largeobject_metadata", "oid oid, lomowner oid, lomacl _aclitem", NULL, 2995},
    {"pg_locks",
     "locktype text, database oid, relation oid, page int4, tuple int2, virtualxid text, "
     "transactionid xid, classid oid, objid oid, objsubid int2, virtualtransaction text, "
     "pid int4, mode text, granted bool, fastpath bool, waitstart timestamptz",
     NULL, 0},
    {"pg_matviews",
     "schemaname name, matviewname name, matviewowner name, tablespace name, hasindexes bool, "
     "ispopulated bool, definition text",
     NULL, 0},
    {"pg_operator",
     "oid oid, oprname name, oprnamespace oid, oprowner oid, oprkind char, oprcanmerge bool, "
     "oprcanhash bool, oprleft oid, oprright oid, oprresult oid, oprcom oid, oprnegate oid, "
     "oprcode regproc, oprrest regproc, oprjoin regproc",
     NULL, 2617},
    {"pg_parameter_acl", "oid oid, parname text, paracl _aclitem", NULL, 6243},
    {"pg_partitioned_table",
     "partrelid oid, partstrat char, partnatts int2, partdefid oid, partattrs int2vector, "
     "partclass oidvector, partcollation oidvector, partexprs pg_node_tree",
     NULL, 3350},
    {"pg_policy",
     "oid oid, polname name, polrelid oid, polcmd char, polpermissive bool, polroles _oid, "
     "polqual pg_node_tree, polwithcheck pg_node_tree",
     NULL, 3256},
    {"pg_prepared_statements",
     "name text, statement text, prepare_time timestamptz, parameter_types _regtype, "
     "from_sql bool, generic_plans int8, custom_plans int8",
     NULL, 0},
    {"pg_prepared_xacts",
     "transaction xid, gid text, prepared timestamptz, owner name, database name", NULL, 0},
    {"pg_publication",
     "oid oid, pubname name, pubowner oid, puballtables bool, pubinsert bool, pubupdate bool, "
     "pubdelete bool, pubtruncate bool, pubviaroot bool",
     NULL, 6104},
    {"pg_publication_namespace", "oid oid, pnpubid oid, pnnspid oid", NULL, 6237},
    {"pg_publication_rel",
     "oid oid, prpubid oid, prrelid oid, prqual pg_node_tree, prattrs int2vector", NULL, 6106},
    {"pg_publication_tables",
     "pubname name, schemaname name, tablename name, attnames _name, rowfilter text", NULL, 0},
    {"pg_range",
     "rngtypid oid, rngsubtype oid, rngmultitypid oid, rngcollation oid, rngsubopc oid, "
     "rngcanonical regproc, rngsubdiff regproc",
     NULL, 3541},
    {"pg_replication_origin", "roident oid, roname text", NULL, 6000},
    {"pg_replication_slots",
     "slot_name name, plugin name, slot_type text, datoid oid, database name, temporary bool, "
     "active bool, active_pid int4, xmin xid, catalog_xmin xid, restart_lsn text, "
     "confirmed_flush_lsn text, wal_status text, safe_wal_size int8, two_phase bool",
     NULL, 0},
    {"pg_rules", "schemaname name, tablename name, rulename name, definition text", NULL, 0},
    {"pg_seclabel", "objoid oid, classoid oid, objsubid int4, provider text, label text", NULL,
     3596},
    {"pg_seclabels",
     "objoid oid, classoid oid, objsubid int4, objtype text, objnamespace oid, objname text, "
     "provider text, label text",
     NULL, 0},
    {"pg_shdepend",
     "dbid oid, classid oid, objid oid, objsubid int4, refclassid oid, refobjid oid, deptype char",
     NULL, 1214},
    {"pg_shdescription", "objoid oid, classoid oid, description text", NULL, 2396},
    {"pg_shseclabel", "objoid oid, classoid oid, provider text, label text", NULL, 3592},
    {"pg_statistic_ext",
     "oid oid, stxrelid oid, stxname name, stxnamespace oid, stxowner oid, stxstattarget int4, "
     "stxkeys int2vector, stxkind _char, stxexprs pg_node_tree",
     NULL, 3381},
    {"pg_stats",
     "schemaname name, tablename name, attname name, inherited bool, null_frac float4, "
     "avg_width int4, n_distinct float4, most_common_vals text, most_common_freqs _float4, "
     "histogram_bounds text, correlation float4, most_common_elems text, "
     "most_common_elem_freqs _float4, elem_count_histogram _float4",
     NULL, 0},
    {"pg_stats_ext",
     "schemaname name, tablename name, statistics_schemaname name, statistics_name name, "
     "statistics_owner name, attnames _name, exprs _text, kinds _char, inherited bool, "
     "n_distinct text, dependencies text, most_common_vals _text, most_common_val_nulls _bool, "
     "most_common_freqs _float8, most_common_base_freqs _float8",
     NULL, 0},
    {"pg_stats_ext_exprs",
     "schemaname name, tablename name, statistics_schemaname name, statistics_name name, "
     "statistics_owner name, expr text, inherited bool, null_frac float4, avg_width int4, "
     "n_distinct float4, most_common_vals text, most_common_freqs _float4, histogram_bounds text, "
     "correlation float4, most_common_elems text, most_common_elem_freqs _float4, "
     "elem_count_histogram _float4",
     NULL, 0},
    {"pg_subscription",
     "oid oid, subdbid oid, subskiplsn text, subname name, subowner oid, subenabled bool, "
     "subbinary bool, substream bool, subtwophasestate char, subdisableonerr bool, "
     "subconninfo text, subslotname name, subsynccommit text, subpublications _text",
     NULL, 6100},
    {"pg_subscription_rel", "srsubid oid, srrelid oid, srsubstate char, srsublsn text", NULL, 6102},
    {"pg_transform", "oid oid, trftype oid, trflang oid, trffromsql regproc, trftosql regproc",
     NULL, 3576},
    {"pg_trigger",
     "oid oid, tgrelid oid, tgparentid oid, tgname name, tgfoid oid, tgtype int2, tgenabled char, "
     "tgisinternal bool, tgconstrrelid oid, tgconstrindid oid, tgconstraint oid, "
     "tgdeferrable bool, tginitdeferred bool, tgnargs int2, tgattr int2vector, tgargs bytea, "
     "tgqual pg_node_tree, tgoldtable name, tgnewtable name",
     NULL, 2620},
    {"pg_ts_config", "oid oid, cfgname name, cfgnamespace oid, cfgowner oid, cfgparser oid", NULL,
     3602},
    {"pg_ts_config_map", "mapcfg oid, maptokentype int4, mapseqno int4, mapdict oid", NULL, 3603},
    {"pg_ts_dict",
     "oid oid, dictname name, dictnamespace oid, dictowner oid, dicttemplate oid, "
     "dictinitoption text",
     NULL, 3600},
    {"pg_ts_parser",
     "oid oid, prsname name, prsnamespace oid, prsstart regproc, prstoken regproc, "
     "prsend regproc, prsheadline regproc, prslextype regproc",
     NULL, 3601},
    {"pg_ts_template",
     "oid oid, tmplname name, tmplnamespace oid, tmplinit regproc, tmpllexize regproc", NULL, 3764},
    {"pg_user_mappings",
     "umid oid, srvid oid, srvname name, umuser oid, usename name, umoptions _text", NULL, 0},
    {NULL, NULL, NULL, 0},
};
