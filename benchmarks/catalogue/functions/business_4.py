"""Sales reports: pivot table, best customers, plain-text tables."""

__all__ = ["render_table", "sales_pivot", "top_customers"]

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def sales_pivot(rows):
    """One dict per region: turnover by month, total, share of the best month in percent, best product."""
    regions = sorted(list(set([row["region"] for row in rows])))
    pivot = []
    for region in regions:
        line = {"region": region}
        for number, month in enumerate(MONTHS, start=1):
            line[month] = sum([r["amount"] for r in rows if r["region"] == region and r["month"] == number])
        line["total"] = sum([r["amount"] for r in rows if r["region"] == region])
        best = max([line[month] for month in MONTHS])
        line["peak"] = round(100 * best / line["total"]) if line["total"] else 0
        best_product = None
        best_amount = 0
        for product in sorted(set(r["product"] for r in rows if r["region"] == region)):
            amount = sum(r["amount"] for r in rows if r["region"] == region and r["product"] == product)
            if best_product is None or amount > best_amount:
                best_product = product
                best_amount = amount
        line["best_product"] = best_product
        pivot.append(line)
    return pivot


def top_customers(sales, count):
    """The `count` customers with the largest turnover, with rank, share and running share in percent."""
    totals = {}
    for sale in sales:
        if sale["customer"] not in totals.keys():
            totals[sale["customer"]] = 0
        totals[sale["customer"]] += sale["cents"]
    result = []
    remaining = dict(totals)
    while len(result) < count and remaining:
        best = None
        for customer in remaining:
            if best is None or remaining[customer] > remaining[best]:
                best = customer
            elif remaining[customer] == remaining[best] and customer < best:
                best = customer
        grand_total = sum(totals.values())
        running = sum(entry["cents"] for entry in result) + totals[best]
        result.append(
            {
                "rank": len(result) + 1,
                "customer": best,
                "cents": totals[best],
                "share": round(100 * totals[best] / grand_total, 2) if grand_total else 0.0,
                "running": round(100 * running / grand_total, 2) if grand_total else 0.0,
            }
        )
        del remaining[best]
    return result


def _format(value):
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:,.2f}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _column_width(rows, column, heading):
    return max([len(heading)] + [len(_format(row.get(column))) for row in rows])


def render_table(rows, columns):
    """Text table with a heading; `columns` maps keys to headings, numbers are flush right."""
    text = ""
    line = ""
    for column, heading in columns.items():
        line += heading.ljust(_column_width(rows, column, heading)) + "  "
    text += line.rstrip() + "\n"
    line = ""
    for column, heading in columns.items():
        line += "-" * _column_width(rows, column, heading) + "  "
    text += line.rstrip() + "\n"
    for row in rows:
        line = ""
        for column, heading in columns.items():
            width = _column_width(rows, column, heading)
            cell = _format(row.get(column))
            if isinstance(row.get(column), (int, float)):
                line += cell.rjust(width)
            else:
                line += cell.ljust(width)
            line += "  "
        text += line.rstrip() + "\n"
    return text
