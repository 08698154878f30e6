package io.engagementwebhooks.deliver.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Allowed addresses that profile prod refuses: all ranges count together. */
class EgressExposureCheckTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0.0.0/0",
                "::/0",
                "0.0.0.0/1,128.0.0.0/1",
                "0.0.0.0/1",
                "8000::/1,2000::/3",
                "0.0.0.0/2,64.0.0.0/2,128.0.0.0/2,192.0.0.0/2",
                "11.0.0.0/8,12.0.0.0/8"
            })
    void a_large_part_of_the_internet_is_refused_for_plain_http(String ranges) {
        assertEquals(
                List.of("webhooks.egress.plain-http lets a large part of the Internet be called without TLS;"
                        + " name the ranges that need it"),
                EgressExposureCheck.faults(EgressSettings.of("", "", ranges)));
    }

    @Test
    void many_small_ranges_count_as_a_large_one() {
        String slices = IntStream.range(0, 512)
                .mapToObj(i -> (20 + i / 256) + "." + i % 256 + ".0.0/16")
                .collect(Collectors.joining(","));
        assertEquals(
                1, EgressExposureCheck.faults(EgressSettings.of("", "", slices)).size());
        assertEquals(
                List.of(),
                EgressExposureCheck.faults(EgressSettings.of("", "", slices.substring(0, slices.length() / 3))));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,100.64.0.0/10,fc00::/7", "203.0.114.0/24", "17.0.0.0/8"
            })
    void ranges_of_one_organization_are_allowed(String ranges) {
        assertEquals(List.of(), EgressExposureCheck.faults(EgressSettings.of("", "", ranges)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "127.0.0.0/8|loopback",
                "127.0.0.1|loopback",
                "127.4.0.0/16|loopback",
                "::1|loopback",
                "64:ff9b::/96|loopback",
                "169.254.169.254|169.254.169.254",
                "169.254.0.0/16|169.254.169.254",
                "168.0.0.0/7|169.254.169.254",
                "fe80::/10|link-local",
                "fd00::/8|fd00:ec2::254",
                "168.63.129.16|168.63.129.16",
                "0.0.0.0/8|this machine"
            })
    void loopback_link_local_and_cloud_metadata_are_refused(String range, String named) {
        List<String> faults = EgressExposureCheck.faults(EgressSettings.of("10.0.0.0/8, " + range, "", ""));
        assertTrue(faults.stream().anyMatch(fault -> fault.contains(named)), faults.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0/0", "0.0.0.0/1,128.0.0.0/1", "::/1,8000::/1"})
    void allowing_everything_is_refused_with_every_reason(String ranges) {
        List<String> faults = EgressExposureCheck.faults(EgressSettings.of(ranges, "", ranges));
        assertTrue(faults.stream().anyMatch(fault -> fault.contains("a large part of the Internet on any port")));
        assertTrue(faults.stream().anyMatch(fault -> fault.contains("loopback")));
        assertTrue(faults.stream().anyMatch(fault -> fault.contains("without TLS")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "10.0.0.0/8", "10.1.2.3,192.168.0.0/16", "fd12:3456::/32"})
    void private_ranges_are_allowed(String ranges) {
        assertEquals(List.of(), EgressExposureCheck.faults(EgressSettings.of(ranges, "", "")));
    }
}
