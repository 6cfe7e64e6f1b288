{{ config(pre_hook=drop_before()) }}
with ranked as (
  select customer, order_id, amount from {{ ref('orders') }}
  qualify row_number() over (partition by customer order by ordered_on desc) = 1
)
select * from ranked
