import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import io.netty.handler.codec.http.websocketx.extensions.compression.WebSocketServerCompressionHandler;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/**
 * A peer to compare our own server with: greets and echoes on Netty, wired up as its own WebSocket example is. Prints
 * one line of JSON with its URL once it listens.
 *
 * <p>With permessage-deflate this is the server of netty/netty#9803: each connection gets a zlib context of its own on
 * its first frame that is not empty.
 */
public final class NettyServer {
    private static final int MAX_REQUEST_BYTES = 65536;
    private static final int BACKLOG = 4096;
    private static final int GOING_AWAY = 1001;
    private static final long CLOSE_SECONDS = 5;

    private String host = "127.0.0.1";
    private int port;
    private int maxPayload = 16384;
    private boolean compresses = true;
    /** Null for none. */
    private String greeting = "{\"type\":\"greeting\",\"message\":\"hello\"}";

    public static void main(String[] arguments) throws InterruptedException {
        NettyServer server = new NettyServer();
        try {
            server.readOptions(arguments);
        } catch (IllegalArgumentException problem) {
            System.err.println("netty-server: " + problem.getMessage());
            System.exit(2);
        }
        server.serve();
    }

    private void readOptions(String[] arguments) {
        for (String argument : arguments) {
            int equals = argument.indexOf('=');
            String name = equals < 0 ? argument : argument.substring(0, equals);
            String value = equals < 0 ? "" : argument.substring(equals + 1);
            switch (name) {
                case "--host" -> host = value;
                case "--port" -> port = Integer.parseInt(value);
                case "--max-payload" -> maxPayload = Integer.parseInt(value);
                case "--compression" -> compresses = readCompression(value);
                case "--greeting" -> greeting = value;
                case "--no-greeting" -> greeting = null;
                default -> throw new IllegalArgumentException("unknown option " + argument);
            }
        }
    }

    private static boolean readCompression(String value) {
        if (value.equals("deflate") || value.equals("off")) return value.equals("deflate");
        throw new IllegalArgumentException("--compression " + value + " is neither off nor deflate");
    }

    private void serve() throws InterruptedException {
        EventLoopGroup acceptors = new NioEventLoopGroup(1);
        EventLoopGroup workers = new NioEventLoopGroup();
        ChannelGroup open = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
        Greeter greeter = new Greeter(greeting, open);
        Channel listening = new ServerBootstrap()
                .group(acceptors, workers)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        ChannelPipeline pipeline = channel.pipeline();
                        pipeline.addLast(new HttpServerCodec());
                        pipeline.addLast(new HttpObjectAggregator(MAX_REQUEST_BYTES));
                        if (compresses) pipeline.addLast(new WebSocketServerCompressionHandler());
                        pipeline.addLast(new WebSocketServerProtocolHandler(
                                "/", null, true, maxPayload, false, true));
                        pipeline.addLast(greeter);
                    }
                })
                .bind(host, port)
                .sync()
                .channel();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            listening.close().awaitUninterruptibly();
            open.writeAndFlush(new CloseWebSocketFrame(GOING_AWAY, "server is shutting down"))
                    .awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
            open.close().awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
            workers.shutdownGracefully(0, CLOSE_SECONDS, TimeUnit.SECONDS);
            acceptors.shutdownGracefully(0, CLOSE_SECONDS, TimeUnit.SECONDS);
        }));
        int chosen = ((InetSocketAddress) listening.localAddress()).getPort();
        System.out.println("{\"url\":\"ws://" + host + ":" + chosen + "\"}");
        listening.closeFuture().sync();
    }

    /** Shared by all connections: it has no state of any of them. */
    @ChannelHandler.Sharable
    private static final class Greeter extends SimpleChannelInboundHandler<WebSocketFrame> {
        private final String greeting;
        private final ChannelGroup open;

        Greeter(String greeting, ChannelGroup open) {
            this.greeting = greeting;
            this.open = open;
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (!(event instanceof WebSocketServerProtocolHandler.HandshakeComplete)) return;
            open.add(context.channel());
            if (greeting != null) context.writeAndFlush(new TextWebSocketFrame(greeting));
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, WebSocketFrame frame) {
            // Control frames are answered by the protocol handler before they get here.
            if (frame instanceof TextWebSocketFrame || frame instanceof BinaryWebSocketFrame) {
                context.writeAndFlush(frame.retain());
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            // A connection that breaks, or breaks the protocol, is closed: there is nobody to tell.
            context.close();
        }
    }
}
