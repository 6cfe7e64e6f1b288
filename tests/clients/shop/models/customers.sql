{{ config(materialized='view') }}
select customer, count(*) as orders, sum(amount) as spent, case when sum(amount) > 50 then 'large' else 'small' end as size
from {{ ref('orders') }}
group by customer
