package io.engagementwebhooks.testkit;

import static net.bytebuddy.matcher.ElementMatchers.isPublic;

import io.engagementwebhooks.store.Store;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import net.bytebuddy.ByteBuddy;
import net.bytebuddy.dynamic.scaffold.subclass.ConstructorStrategy;
import net.bytebuddy.implementation.InvocationHandlerAdapter;
import org.springframework.objenesis.SpringObjenesis;

/**
 * A store, some of whose methods a test intercepts: those of {@link Store} and those of its roles, such as
 * {@link Store#due}. Other calls go to the real store.
 */
public final class InterceptedStore {

    private final Store real;
    private final Map<String, Interceptor> interceptors = new HashMap<>();

    private InterceptedStore(Store real) {
        this.real = real;
    }

    /** @param real null: only intercepted methods can be called */
    public static InterceptedStore of(Store real) {
        return new InterceptedStore(real);
    }

    /** Handles the calls of a method. */
    public interface Interceptor {
        Object call(Object[] arguments, RealCall real) throws Throwable;
    }

    /** Calls the real store. */
    public interface RealCall {
        Object proceed() throws Throwable;
    }

    /**
     * Intercepts a method, in all its overloads.
     *
     * @throws IllegalArgumentException if neither the store nor a role has such a method: it was renamed
     */
    public InterceptedStore on(String method, Interceptor interceptor) {
        if (interceptable().noneMatch(each -> each.getName().equals(method))) {
            throw new IllegalArgumentException("neither Store nor a role of it has a method '" + method
                    + "', so nothing would be intercepted; name the method as it is called now");
        }
        interceptors.put(method, interceptor);
        return this;
    }

    private static Stream<Method> interceptable() {
        return Arrays.stream(Store.class.getMethods())
                .flatMap(method ->
                        isRole(method) ? Arrays.stream(method.getReturnType().getMethods()) : Stream.of(method));
    }

    public Store build() {
        return subclass(Store.class, real);
    }

    /** An object of a subclass, made without a constructor: its methods alone are used. */
    private <T> T subclass(Class<T> type, T of) {
        Map<Method, Object> roles = new ConcurrentHashMap<>();
        InvocationHandler handler = (self, method, arguments) -> {
            if (!isRole(method)) {
                return call(method, of, arguments);
            }
            if (!roles.containsKey(method)) {
                roles.putIfAbsent(method, role(method));
            }
            return roles.get(method);
        };
        return new SpringObjenesis()
                .newInstance(
                        new ByteBuddy()
                                .subclass(type, ConstructorStrategy.Default.NO_CONSTRUCTORS)
                                .method(isPublic())
                                .intercept(InvocationHandlerAdapter.of(handler))
                                .make()
                                .load(type.getClassLoader())
                                .getLoaded(),
                        false);
    }

    private static boolean isRole(Method method) {
        return method.getDeclaringClass() == Store.class
                && method.getParameterCount() == 0
                && method.getReturnType().getPackageName().startsWith(Store.class.getPackageName());
    }

    @SuppressWarnings("unchecked")
    private Object role(Method method) throws Throwable {
        Class<Object> type = (Class<Object>) method.getReturnType();
        return subclass(type, real == null ? null : invoke(method, real));
    }

    private Object call(Method method, Object of, Object[] arguments) throws Throwable {
        Interceptor interceptor = interceptors.get(method.getName());
        return interceptor == null
                ? invoke(method, of, arguments)
                : interceptor.call(arguments, () -> invoke(method, of, arguments));
    }

    private static Object invoke(Method method, Object of, Object... arguments) throws Throwable {
        if (of == null) {
            throw new UnsupportedOperationException("the test does not expect a call of " + method);
        }
        try {
            return method.invoke(of, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
