// From codes to symbols: a channel's mean and scale, the law's steps, masses; the state afterwards.
//
//   stage 1  state and edges are there: the mean, distances of both edges, the next state; of a key, the measured scale
//   stage 2  distances to steps of the law: times one of 8 mantissas, shifted, clamped. A key's sample stays for two clocks:
//            its scale, then its code
//   stage 3  the law's ROM at both steps; the sum of |low + high|; the state is written
`default_nettype none

module lite_model #(
    parameter CODE_BITS = 10,
    parameter CHANNEL_BITS = 10,
    parameter NLINK = 1
) (
    input  wire                    clk,
    input  wire                    reset,
    input  wire [4:0]              bits,
    input  wire [4:0]              shift,
    input  wire [CODE_BITS+5:0]    centre,
    input  wire [5:0]              spread,
    input  wire [5:0]              usual,
    input  wire [15:0]             since,      // frames that a key's scales are measured over
    input  wire                    fresh,      // none: the first key's scales are `spread`

    input  wire                    in_valid,
    output wire                    in_ready,
    input  wire                    in_end,     // no sample: a substream ends
    input  wire                    in_key,     // a sample of a key's first frame
    input  wire [CODE_BITS-1:0]    in_code,
    input  wire [CHANNEL_BITS-1:0] in_channel,
    input  wire                    in_second,
    output wire                    in_flight,  // the channel's last sample is still here

    input  wire [2*CODE_BITS+43:0] state_in,   // x, y, sum, scale
    output wire                    state_write,
    output wire [CHANNEL_BITS-1:0] state_write_at,
    output wire [2*CODE_BITS+43:0] state_out,

    output reg                     out_valid,
    input  wire                    out_ready,
    output reg                     out_end,
    output reg                     out_second,
    output reg  [15:0]             out_below,  // of 2^16
    output reg  [15:0]             out_mass,   // 0: an escape
    output reg  [15:0]             out_number, // of an escape
    output reg  [4:0]              out_bits
);
    localparam AXIS = CODE_BITS + 6;
    localparam FAR = AXIS + 2;   // a distance with its sign
    localparam SUM = 26;
    localparam signed [12:0] MEAN = 13'sd495;  // log2 of the mean |low + high| where the scale is right, in 64ths

    // log2(v) in 64ths, v > 0, straight between powers of two.
    function [10:0] log2;
        input [SUM-1:0] v;
        integer i;
        reg [SUM-1:0] u;
        reg [4:0] n;
        begin
            u = v;
            n = 5'd25;
            for (i = 4; i >= 0; i = i - 1)
                if ((u >> (SUM - (1 << i))) == {SUM{1'b0}}) begin
                    u = u << (1 << i);
                    n = n - (5'd1 << i);
                end
            log2 = {n, u[SUM-2 -: 6]};
        end
    endfunction

    function [10:0] reach;  // -1024 .. 1023 as 0 .. 2047
        input signed [11:0] z;
        reach = z < -12'sd1024 ? 11'd0 : z > 12'sd1023 ? 11'd2047 : {~z[10], z[9:0]};
    endfunction

    // ---- stage 1 ----
    reg                    one_valid, one_end, one_key, one_fresh, one_second;
    reg [CODE_BITS-1:0]    one_code;
    reg [CHANNEL_BITS-1:0] one_channel;
    reg [AXIS:0]           one_low, one_high;
    reg [10:0]             log_since;
    wire                   one_ready, two_ready, three_ready;
    wire [AXIS:0]          low, high;

    generate
        if (NLINK != 0) begin : converter
            wire [15:0] even, odd;
            edges_even evens (.at({1'b0, in_code[9:1]} + {9'd0, in_code[0]}), .value(even));
            edges_odd odds (.at(in_code[9:1]), .value(odd));
            assign low = {1'b0, in_code[0] ? odd : even};
            assign high = {1'b0, in_code[0] ? even : odd};
        end else begin : converter
            assign low = {1'b0, in_code, 6'd0};
            assign high = low + 7'd64;
        end
    endgenerate

    assign in_ready = ~one_valid | one_ready;
    always @(posedge clk) begin
        log_since <= log2({10'd0, since});
        if (reset)
            one_valid <= 1'b0;
        else if (in_ready)
            one_valid <= in_valid;
        if (in_ready & in_valid) begin
            one_end <= in_end;
            one_key <= in_key;
            one_fresh <= fresh;
            one_second <= in_second;
            one_code <= in_code;
            one_channel <= in_channel;
            one_low <= low;
            one_high <= high;
        end
    end

    wire [AXIS-1:0] x, y;
    wire [SUM-1:0]  sum;
    wire [5:0]      scale;
    assign {x, y, sum, scale} = state_in;

    wire [AXIS+1:0]         both = {1'b0, one_low} + {1'b0, one_high};  // below 2^(AXIS + 1)
    wire signed [AXIS:0]    middle = {1'b0, both[AXIS:1]};
    wire signed [AXIS:0]    off_x = $signed({1'b0, y}) - $signed({1'b0, x});
    wire signed [AXIS:0]    off_y = middle - $signed({1'b0, y});
    wire signed [AXIS:0]    follow_x = off_x >>> 2;
    wire signed [AXIS:0]    follow_y = off_y >>> 3;
    wire [AXIS-1:0]         mu = x + follow_x[AXIS-1:0];
    wire [AXIS-1:0]         next_y = y + follow_y[AXIS-1:0];
    wire signed [FAR-1:0]   mean = {2'b00, one_key ? centre : mu};
    wire signed [12:0]      off = $signed({2'b00, log2({sum[SUM-1:1], 1'b1})}) - $signed({2'b00, log_since}) - MEAN + 13'sd4;
    wire signed [10:0]      told = $signed({5'd0, scale}) + $signed({off[12], off[12:3]});
    wire [5:0]              right = told < 11'sd0 ? 6'd0 : told > 11'sd63 ? 6'd63 : told[5:0];

    // ---- stage 2 ----
    reg                    two_valid, two_end, two_key, two_second, two_scaled;
    reg [CODE_BITS-1:0]    two_code;
    reg [CHANNEL_BITS-1:0] two_channel;
    reg signed [FAR-1:0]   two_low, two_high;
    reg [5:0]              two_by, two_scale;
    reg [AXIS-1:0]         two_x, two_y;
    reg [SUM-1:0]          two_sum;

    wire two_more = two_key & ~two_end & ~two_scaled;  // a key's scale: its code follows
    assign one_ready = ~two_valid | (two_ready & ~two_more);
    always @(posedge clk) begin
        if (reset)
            two_valid <= 1'b0;
        else if (one_ready)
            two_valid <= one_valid;
        if (one_ready & one_valid) begin
            two_end <= one_end;
            two_key <= one_key;
            two_second <= one_second;
            two_scaled <= 1'b0;
            two_code <= one_code;
            two_channel <= one_channel;
            two_low <= $signed({1'b0, one_low}) - mean;
            two_high <= $signed({1'b0, one_high}) - mean;
            two_by <= one_key ? spread : scale;
            two_scale <= ~one_key ? scale : one_fresh ? spread : right;
            two_x <= middle[AXIS-1:0];
            two_y <= one_key ? middle[AXIS-1:0] : next_y;
            two_sum <= one_key ? {SUM{1'b0}} : sum;
        end else if (two_valid & two_ready)
            two_scaled <= 1'b1;
    end

    wire [7:0] mantissa;
    mantissas scaled (.at(two_by[2:0]), .value(mantissa));
    wire [4:0] right_by = shift - 5'd7 + {2'd0, two_by[5:3]};

    function [10:0] steps;
        input signed [FAR-1:0] d;
        input [7:0] by;
        input [4:0] down;
        reg signed [FAR+8:0] z;
        begin
            z = d * $signed({1'b0, by});
            z = z >>> down;
            steps = z < -1024 ? 11'd0 : z > 1023 ? 11'd2047 : {~z[10], z[9:0]};
        end
    endfunction

    wire signed [11:0] told_off = $signed({1'b0, two_scale, 5'd0}) - $signed({1'b0, usual, 5'd0}) - 12'sd16;
    wire signed [11:0] told_end = told_off + 12'sd32;

    // ---- stage 3 ----
    reg                    three_valid, three_end, three_second, three_write, three_key;
    reg [CHANNEL_BITS-1:0] three_channel;
    reg [10:0]             three_low, three_high;
    reg [15:0]             three_number;
    reg [4:0]              three_bits;
    reg [5:0]              three_scale;
    reg [AXIS-1:0]         three_x, three_y;
    reg [SUM-1:0]          three_sum;

    assign two_ready = ~three_valid | three_ready;
    always @(posedge clk) begin
        if (reset)
            three_valid <= 1'b0;
        else if (two_ready)
            three_valid <= two_valid;
        if (two_ready & two_valid) begin
            three_end <= two_end;
            three_second <= two_second;
            three_write <= ~two_end & ~two_more;
            three_key <= two_key;
            three_channel <= two_channel;
            three_low <= two_more ? reach(told_off) : steps(two_low, mantissa, right_by);
            three_high <= two_more ? reach(told_end) : steps(two_high, mantissa, right_by);
            three_number <= two_more ? {10'd0, two_scale} : {{(16 - CODE_BITS){1'b0}}, two_code};
            three_bits <= two_more ? 5'd6 : bits;
            three_scale <= two_scale;
            three_x <= two_x;
            three_y <= two_y;
            three_sum <= two_sum;
        end
    end

    wire [15:0] below_low, below_high;
    law lower (.at(three_low), .value(below_low));
    law upper (.at(three_high), .value(below_high));

    wire signed [12:0] lean = $signed({2'b00, three_low}) + $signed({2'b00, three_high}) - 13'sd2048;
    wire [12:0]        leaning = lean[12] ? -lean : lean;

    assign three_ready = ~out_valid | out_ready;
    assign state_write = three_valid & three_ready & three_write;
    assign state_write_at = three_channel;
    assign state_out = {three_x, three_y, three_key ? {SUM{1'b0}} : three_sum + {13'd0, leaning}, three_scale};
    assign in_flight = (one_valid & ~one_end & one_channel == in_channel)
                     | (two_valid & ~two_end & two_channel == in_channel)
                     | (three_valid & three_write & three_channel == in_channel);

    always @(posedge clk) begin
        if (reset)
            out_valid <= 1'b0;
        else if (three_ready)
            out_valid <= three_valid;
        if (three_ready & three_valid) begin
            out_end <= three_end;
            out_second <= three_second;
            out_below <= below_low;
            out_mass <= below_high - below_low;
            out_number <= three_number;
            out_bits <= three_bits;
        end
    end
endmodule

`default_nettype wire
