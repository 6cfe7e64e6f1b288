{{ config(materialized='view') }}
select customer, count(*) as orders, sum(amount) as spent, iff(sum(amount) > 50, 'large', 'small') as size
from {{ ref('orders') }}
group by customer
