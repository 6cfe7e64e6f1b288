{# What the adapter's macros lack, said as a project may say it. #}

{# A table that is there is replaced. #}
{% macro drop_before() -%}
    {{ return(before_begin("drop table if exists {{ this }}")) }}
{%- endmacro %}

{# dbt's snapshots take two results of this; the adapter's own gives one. #}
{% macro hatidata__get_or_create_relation(database, schema, identifier, type) -%}
    {{ return(dbt.default__get_or_create_relation(database, schema, identifier, type)) }}
{%- endmacro %}

{# A temporary table is of no schema. #}
{% macro hatidata__make_temp_relation(base_relation, suffix) -%}
    {{ return(base_relation.incorporate(
        path={"database": none, "schema": none, "identifier": base_relation.identifier ~ suffix}, type="table")) }}
{%- endmacro %}
