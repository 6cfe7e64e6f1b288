{{ config(materialized='incremental', incremental_strategy='merge', unique_key='order_id', on_schema_change='append_new_columns') }}
select order_id, amount {% if is_incremental() %}, customer {% endif %} from {{ ref('raw_orders') }}
