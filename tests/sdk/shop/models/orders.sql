{{ config(pre_hook=drop_before()) }}
select order_id, customer, cast(ordered_on as date) as ordered_on, cast(amount as number(10,2)) as amount,
       datediff(month, to_date('2024-01-01'), cast(ordered_on as date)) as month_no
from {{ ref('raw_orders') }}
