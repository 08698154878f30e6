package io.engagementwebhooks.bench.kill;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.reflect.Modifier;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whether the harness means what it says. */
class KillPointTest {

    /** Of two methods with one name that call each other each pass would count twice. */
    @ParameterizedTest
    @EnumSource
    void a_point_is_one_method(KillPoint point) throws ClassNotFoundException {
        long found = Arrays.stream(Class.forName(point.method.type()).getDeclaredMethods())
                .filter(each -> each.getName().equals(point.method.name()))
                .filter(each -> !each.isSynthetic() && !Modifier.isAbstract(each.getModifiers()))
                .count();
        assertEquals(1, found, point.method.toString());
    }
}
