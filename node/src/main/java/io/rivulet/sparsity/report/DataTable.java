package io.rivulet.sparsity.report;

import java.util.List;

/** A table: columns' names, and rows whose first cell is the row's name. */
record DataTable(String caption, List<String> columns, List<List<String>> rows) {

  void write(Markup page) {
    page.begin("div", "class", "scroll").begin("table").element("caption", caption);
    page.begin("thead").begin("tr");
    columns.forEach(column -> page.element("th", column, "scope", "col"));
    page.end().end().begin("tbody");
    for (List<String> row : rows) {
      page.begin("tr").element("th", row.getFirst(), "scope", "row");
      row.stream().skip(1).forEach(cell -> page.element("td", cell));
      page.end();
    }
    page.end().end().end();
  }
}
