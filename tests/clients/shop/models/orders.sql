select order_id, customer, cast(ordered_on as date) as ordered_on, cast(amount as numeric(10,2)) as amount,
       (date_part('month', cast(ordered_on as date)) - 1)::int as month_no
from {{ ref('raw_orders') }}
