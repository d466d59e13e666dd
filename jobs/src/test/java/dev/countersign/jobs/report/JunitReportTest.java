package dev.countersign.jobs.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.jobs.results.UnreadFile;
import dev.countersign.schemas.Difference;
import dev.countersign.schemas.DifferenceKind;
import dev.countersign.schemas.Outcome;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.transform.stream.StreamSource;
import javax.xml.validation.SchemaFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

final class JunitReportTest {

  private final ReportTotals totals = new ReportTotals();

  @Test
  void report_ofHostileResults_isValid() throws Exception {
    totals.addUnread(new UnreadFile("<place>", "The \"file\" \u0001 is cut off."));

    Document report = valid(HostileResults.report(JunitReport::new, totals, HostileResults.all()));

    assertThat(elements(report, "testcase")).hasSize(HostileResults.TEXTS.size() + 1);
    assertThat(elements(report, "failure")).hasSize(9);
    assertThat(elements(report, "error")).hasSize(1);
    assertThat(elements(report, "script")).isEmpty();
  }

  @Test
  void report_ofTwoRunsInTurns_hasASuiteForEach() throws Exception {
    Document report =
        valid(
            HostileResults.report(
                JunitReport::new,
                totals,
                List.of(
                    HostileResults.plain("/lake/a", Outcome.SIGNED).build(),
                    HostileResults.plain("/lake/b", Outcome.SKIPPED)
                        .setRunId("run-two")
                        .setMessage("Signed already.")
                        .build(),
                    HostileResults.plain("/lake/c", Outcome.FAILED)
                        .setMessage("Not what was signed.")
                        .setDifferences(
                            List.of(
                                Difference.newBuilder()
                                    .setKind(DifferenceKind.CHANGED)
                                    .setName("config.json")
                                    .build()))
                        .setChanged(1)
                        .build())));

    List<Element> suites = elements(report, "testsuite");
    assertThat(suites)
        .extracting(suite -> suite.getAttribute("name"))
        .containsExactly("countersign sign run-one", "countersign sign run-two");
    assertThat(suites.get(0).getAttribute("tests")).isEqualTo("2");
    assertThat(suites.get(0).getAttribute("failures")).isEqualTo("1");
    assertThat(suites.get(0).getAttribute("time")).isEqualTo("2.000");
    assertThat(suites.get(1).getAttribute("skipped")).isEqualTo("1");
    assertThat(elements(suites.get(0), "testcase"))
        .extracting(test -> test.getAttribute("name"))
        .containsExactly("/lake/a", "/lake/c");
    Element failure = elements(report, "failure").get(0);
    assertThat(failure.getAttribute("type")).isEqualTo("UNREADABLE");
    assertThat(failure.getTextContent())
        .isEqualTo("Not what was signed.\nchanged config.json\nin all 1 changed\n");
  }

  private static Document valid(String report) throws Exception {
    SchemaFactory.newInstance(XMLConstants.W3C_XML_SCHEMA_NS_URI)
        .newSchema(JunitReportTest.class.getResource("junit.xsd"))
        .newValidator()
        .validate(new StreamSource(new StringReader(report)));
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(report)));
  }

  private static List<Element> elements(Document report, String name) {
    return elements(report.getDocumentElement(), name);
  }

  private static List<Element> elements(Element parent, String name) {
    NodeList nodes = parent.getElementsByTagName(name);
    List<Element> elements = new ArrayList<>();
    for (int i = 0; i < nodes.getLength(); i++) {
      elements.add((Element) nodes.item(i));
    }
    return elements;
  }
}
