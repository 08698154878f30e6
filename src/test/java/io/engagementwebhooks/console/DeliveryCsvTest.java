package io.engagementwebhooks.console;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Cells of the export. */
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
                "=a,b|\"'=a,b\""
            })
    void what_a_spreadsheet_would_compute_is_text_and_what_would_end_a_cell_is_quoted(String text, String cell) {
        assertEquals(cell, DeliveryCsv.cell(text));
    }
}
