package io.engagementwebhooks.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.List;
import org.apache.camel.component.quartz.QuartzEndpoint;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The record and what is done by the clock, each by itself. */
class RecordAndMaintenanceRoutesTest {

    @Nested
    class Record extends RouteAlone {
        Record() {
            super("40-record.camel.yaml");
        }

        @Test
        void how_a_try_ended_is_written() throws Exception {
            context.start();
            assertNull(send("direct:record-outcome").getException());
            assertEquals(List.of("recordOutcome"), taken());
        }

        @Test
        void a_record_that_cannot_be_written_is_reported_to_the_caller() throws Exception {
            IllegalStateException full = new IllegalStateException("the disk is full");
            step("recordOutcome", exchange -> {
                throw full;
            });
            context.start();
            assertEquals(full, send("direct:record-outcome").getException());
        }
    }

    @Nested
    class Maintenance extends RouteAlone {
        Maintenance() {
            super("90-maintenance.camel.yaml");
        }

        @Test
        void the_clocks_are_those_of_the_settings() throws Exception {
            assertEquals("0 7 * * * ?", cron("remove-expired-data"));
            assertEquals("0 37 * * * ?", cron("vacuum-store"));
        }

        private String cron(String route) throws Exception {
            context.start();
            return ((QuartzEndpoint) context.getRoute(route).getEndpoint()).getCron();
        }

        @Test
        void one_route_removes_what_has_expired() throws Exception {
            advise("remove-expired-data", a -> a.replaceFromWith("direct:now"));
            advise("vacuum-store", a -> a.replaceFromWith("direct:never"));
            context.start();
            send("direct:now");
            assertEquals(List.of("retention"), taken());
        }

        @Test
        void the_other_gives_free_pages_back() throws Exception {
            advise("remove-expired-data", a -> a.replaceFromWith("direct:never"));
            advise("vacuum-store", a -> a.replaceFromWith("direct:now"));
            context.start();
            send("direct:now");
            assertEquals(List.of("vacuum"), taken());
        }
    }
}
