package dev.countersign.jobs.report;

import java.io.IOException;
import java.util.List;

/** A table of a page. A heading that begins with # is one of numbers, which stand to the right. */
final class PageTable {

  private final TextOutput out;
  private final List<Boolean> numbers;

  /** Opens the table. */
  PageTable(TextOutput out, String... headings) throws IOException {
    this.out = out;
    this.numbers = List.of(headings).stream().map(heading -> heading.startsWith("#")).toList();
    out.write("<div class=\"wide\"><table><thead><tr>");
    for (String heading : headings) {
      boolean number = heading.startsWith("#");
      out.write("<th scope=\"col\"" + (number ? " class=\"n\">" : ">"));
      out.write((number ? heading.substring(1) : heading) + "</th>");
    }
    out.write("</tr></thead><tbody>\n");
  }

  /** Writes a row of cells, which are HTML. */
  void row(String... cells) throws IOException {
    StringBuilder text = new StringBuilder("<tr>");
    for (int i = 0; i < cells.length; i++) {
      text.append(numbers.get(i) ? "<td class=\"n\">" : "<td>").append(cells[i]).append("</td>");
    }
    out.write(text.append("</tr>\n").toString());
  }

  /** Closes the table. */
  void end() throws IOException {
    out.write("</tbody></table></div>");
  }
}
