select 1 from (select sum(amount) as a from {{ ref('orders') }}) o, (select sum(spent) as b from {{ ref('customers') }}) c
where a <> b
