package io.engagementwebhooks.deliver.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.testkit.LogLines;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class NotPublicLogTest {

    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1);
    private final NotPublicLog log = new NotPublicLog(nanos::get);

    @AutoClose
    private final LogLines lines = new LogLines(NotPublicLog.class);

    private static IOException inside(String host) throws UnknownHostException {
        InetAddress address = InetAddress.getByName("10.1.2.3");
        return new IOException("not sent", new NotPublicException(host, address, "private network"));
    }

    @Test
    void host_user_and_address_are_logged_once_a_minute() throws Exception {
        log.write(inside("db.example"), "acme", "webhook=crm");
        log.write(inside("db.example"), "acme", "webhook=crm");
        log.write(new UnknownHostException("db.example"), "acme", "webhook=crm");
        assertEquals(1, lines.texts().size());
        assertTrue(
                lines.texts()
                        .get(0)
                        .startsWith("egress.not-public account=acme webhook=crm host=db.example"
                                + " address=10.1.2.3 (private network)"),
                lines.texts().get(0));

        log.write(inside("db.example"), "acme", "webhook=other");
        assertEquals(2, lines.texts().size());
        nanos.addAndGet(TimeUnit.MINUTES.toNanos(1));
        log.write(inside("db.example"), "acme", "webhook=crm");
        assertEquals(3, lines.texts().size());
    }

    @Test
    void the_log_lines_per_minute_are_limited() {
        long due = IntStream.range(0, 2 * NotPublicLog.MOST)
                .filter(i -> log.isDue("acme webhook=crm host-" + i + ".example"))
                .count();
        assertEquals(NotPublicLog.MOST, due);
    }
}
