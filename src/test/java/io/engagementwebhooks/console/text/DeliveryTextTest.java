package io.engagementwebhooks.console.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.engagementwebhooks.api.delivery.AttemptView;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DeliveryTextTest {

    private static AttemptView attempt(long ms, Map<String, Double> timing) {
        return new AttemptView(
                1, "2026-11-24T10:00:00Z", "delivered", null, null, 200, ms, timing, null, null, null, null);
    }

    @Test
    void the_parts_of_a_duration_add_up_to_it() {
        Map<String, Double> timing = new LinkedHashMap<>();
        timing.put("dns", 1.5);
        timing.put("connect", 2.0);
        timing.put("tls", 10.25);
        timing.put("wait", 52.8);
        assertEquals(
                "{took=70 ms, name=1.5 ms, connect=2.0 ms, TLS=10.3 ms, wait=52.8 ms, other=3.4 ms}",
                DeliveryText.timing(attempt(70, timing)).toString());
        assertEquals(
                "{took=52.8 ms, wait=52.8 ms}",
                DeliveryText.timing(attempt(52, Map.of("wait", 52.8))).toString());
        Map<String, Double> slow = new LinkedHashMap<>();
        slow.put("dns", 1.2);
        slow.put("wait", 1500.3);
        assertEquals(
                "{took=1549 ms, name=1.2 ms, wait=1500.3 ms, other=47.5 ms}",
                DeliveryText.timing(attempt(1549, slow)).toString());
        assertEquals(Map.of(), DeliveryText.timing(attempt(70, null)));
    }
}
