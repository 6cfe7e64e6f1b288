select distinct on (customer) customer, order_id, amount
from {{ ref('orders') }} order by customer, ordered_on desc
