package io.engagementwebhooks.api.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Cells of the CSV export. */
class DeliveryCsvTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '§',
            value = {
                "plain|plain",
                "=HYPERLINK(1)|'=HYPERLINK(1)",
                "+1|'+1",
                "-1|'-1",
                "@x|'@x",
                "a,b|\"a,b\"",
                "say \"hi\"|\"say \"\"hi\"\"\"",
                "a;\t=1+1|a;'\t'=1+1",
                "x\t-\t=1|x\t'-\t'=1",
                "=a,b|\"'=a,b\""
            })
    void formulas_become_text_and_separators_are_quoted(String text, String cell) {
        assertEquals(cell, DeliveryCsv.cell(text));
    }
}
