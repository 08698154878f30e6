package io.engagementwebhooks.ingest;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Checks the JSON data of an event in binary mode by the rules of a document. It is checked as part of one, one nesting
 * level deeper, as it will be stored.
 */
final class DataCheck {

    private static final byte[] PREFIX =
            "{\"specversion\":\"1.0\",\"id\":\"-\",\"source\":\"-\",\"type\":\"-\",\"data\":"
                    .getBytes(StandardCharsets.US_ASCII);

    private DataCheck() {}

    static void check(String account, byte[] data) {
        new DocumentReader(account, data).checkSingleValue();
        byte[] document = Arrays.copyOf(PREFIX, PREFIX.length + data.length + 1);
        System.arraycopy(data, 0, document, PREFIX.length, data.length);
        document[document.length - 1] = '}';
        new DocumentReader(account, document).readOne(false);
    }
}
