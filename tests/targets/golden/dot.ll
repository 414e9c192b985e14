; ModuleID = "dot"
target triple = "unknown-unknown-unknown"
target datalayout = ""

define i64 @"online"(ptr noalias %"user", ptr noalias %"ids userId", ptr noalias %"item", ptr noalias %"ids itemId", ptr noalias %"the target", float %"the rate", ptr noalias %"the runs", i64 %"the n_runs", ptr noalias %"the losses")
{
entry:
  %".11" = alloca [4144 x i32]
  %".12" = alloca double
  %".13" = icmp slt i64 0, %"the n_runs"
  br i1 %".13", label %"each.run", label %"after.run"
each.run:
  %"run" = phi  i64 [0, %"entry"], [%".128", %"after.j"]
  %".15" = mul i64 %"run", 5
  %".16" = getelementptr inbounds i64, ptr %"the runs", i64 %".15"
  %".17" = load i64, ptr %".16", align 8
  %".18" = getelementptr inbounds i64, ptr %".16", i64 1
  %".19" = load i64, ptr %".18", align 8
  %".20" = getelementptr inbounds i64, ptr %".16", i64 2
  %".21" = load i64, ptr %".20", align 8
  %".22" = getelementptr inbounds i64, ptr %".16", i64 3
  %".23" = load i64, ptr %".22", align 8
  %".24" = getelementptr inbounds i64, ptr %".16", i64 4
  %".25" = load i64, ptr %".24", align 8
  %".26" = add i64 %".21", 32
  %".27" = trunc i64 %".25" to i32
  call void @"shuffle"(ptr %".11", i64 %".17", i64 %".19", i64 %".26", i64 %".23", i32 %".27")
  store double              0x0, ptr %".12"
  %".30" = icmp slt i64 0, %".21"
  br i1 %".30", label %"each.j", label %"after.j"
each.j:
  %"j" = phi  i64 [0, %"each.run"], [%".122", %"each.j.endif"]
  %".32" = add i64 %"j", 32
  %".33" = getelementptr inbounds i32, ptr %".11", i64 %".32"
  %".34" = load i32, ptr %".33", align 4
  %".35" = zext i32 %".34" to i64
  ; what the columns hold 32 examples ahead
  %".37" = getelementptr inbounds float, ptr %"ids userId", i64 %".35"
  call void @"llvm.prefetch.p0"(ptr %".37", i32 1, i32 3, i32 1)
  %".39" = getelementptr inbounds float, ptr %"ids itemId", i64 %".35"
  call void @"llvm.prefetch.p0"(ptr %".39", i32 1, i32 3, i32 1)
  %".41" = getelementptr inbounds float, ptr %"the target", i64 %".35"
  call void @"llvm.prefetch.p0"(ptr %".41", i32 1, i32 3, i32 1)
  %".43" = add i64 %"j", 16
  %".44" = getelementptr inbounds i32, ptr %".11", i64 %".43"
  %".45" = load i32, ptr %".44", align 4
  %".46" = zext i32 %".45" to i64
  ; rows 16 examples ahead
  %".48" = getelementptr inbounds i32, ptr %"ids userId", i64 %".46"
  %".49" = load i32, ptr %".48", align 4
  %"row of user" = zext i32 %".49" to i64
  %".50" = mul i64 %"row of user", 4
  %".51" = getelementptr inbounds float, ptr %"user", i64 %".50"
  call void @"llvm.prefetch.p0"(ptr %".51", i32 1, i32 3, i32 1)
  %".53" = getelementptr inbounds i32, ptr %".51", i64 3
  call void @"llvm.prefetch.p0"(ptr %".53", i32 1, i32 3, i32 1)
  %".55" = getelementptr inbounds i32, ptr %"ids itemId", i64 %".46"
  %".56" = load i32, ptr %".55", align 4
  %"row of item" = zext i32 %".56" to i64
  %".57" = mul i64 %"row of item", 4
  %".58" = getelementptr inbounds float, ptr %"item", i64 %".57"
  call void @"llvm.prefetch.p0"(ptr %".58", i32 1, i32 3, i32 1)
  %".60" = getelementptr inbounds i32, ptr %".58", i64 3
  call void @"llvm.prefetch.p0"(ptr %".60", i32 1, i32 3, i32 1)
  ; this example
  %".63" = getelementptr inbounds i32, ptr %".11", i64 %"j"
  %".64" = load i32, ptr %".63", align 4
  %".65" = zext i32 %".64" to i64
  %".66" = getelementptr inbounds i32, ptr %"ids userId", i64 %".65"
  %".67" = load i32, ptr %".66", align 4
  %"row of user.1" = zext i32 %".67" to i64
  %".68" = mul i64 %"row of user.1", 4
  %".69" = getelementptr inbounds float, ptr %"user", i64 %".68"
  %"user.1" = load <4 x float>, ptr %".69", align 4
  %".70" = getelementptr inbounds i32, ptr %"ids itemId", i64 %".65"
  %".71" = load i32, ptr %".70", align 4
  %"row of item.1" = zext i32 %".71" to i64
  %".72" = mul i64 %"row of item.1", 4
  %".73" = getelementptr inbounds float, ptr %"item", i64 %".72"
  %"item.1" = load <4 x float>, ptr %".73", align 4
  %".74" = getelementptr inbounds float, ptr %"the target", i64 %".65"
  %"target" = load float, ptr %".74", align 4
  ; %1 = dot_general dimension_numbers=(((0,),(0,)),((),())) user item   test_llvm_kernel.py
  %".76" = fmul contract reassoc nsz arcp <4 x float> %"user.1", %"item.1"
  %"1" = call arcp contract nsz reassoc float @"llvm.vector.reduce.fadd.v4f32"(float              0x0, <4 x float> %".76")
  ; %2 = sub %1 target   rowwise/models/losses.py
  %"2" = fsub contract reassoc nsz arcp float %"1", %"target"
  ; %3 = integer_pow y=2 %2   rowwise/models/losses.py
  %"3" = fmul contract reassoc nsz arcp float %"2", %"2"
  ; %4 = mul 2 %2   rowwise/models/losses.py
  %"4" = fmul contract reassoc nsz arcp float 0x4000000000000000, %"2"
  ; %5 = dot_general dimension_numbers=(((),()),((),())) %4 user   test_llvm_kernel.py
  %".85" = insertelement <4 x float> poison, float %"4", i32 0
  %".86" = shufflevector <4 x float> %".85", <4 x float> poison, <4 x i32> zeroinitializer
  %"5" = fmul contract reassoc nsz arcp <4 x float> %".86", %"user.1"
  ; %6 = dot_general dimension_numbers=(((),()),((),())) %4 item   test_llvm_kernel.py
  %".89" = insertelement <4 x float> poison, float %"4", i32 0
  %".90" = shufflevector <4 x float> %".89", <4 x float> poison, <4 x i32> zeroinitializer
  %"6" = fmul contract reassoc nsz arcp <4 x float> %".90", %"item.1"
  %".92" = mul i64 %"row of user.1", 4
  %".93" = getelementptr inbounds float, ptr %"user", i64 %".92"
  ; %7 = neg user.learning_rate   transform.py
  %"7" = fneg contract reassoc nsz arcp float %"the rate"
  ; %8 = mul %7 user.gradient   transform.py
  %".97" = insertelement <4 x float> poison, float %"7", i32 0
  %".98" = shufflevector <4 x float> %".97", <4 x float> poison, <4 x i32> zeroinitializer
  %"8" = fmul contract reassoc nsz arcp <4 x float> %".98", %"6"
  ; %9 = add user.row %8   update.py
  %"9" = fadd contract reassoc nsz arcp <4 x float> %"user.1", %"8"
  %".102" = mul i64 %"row of item.1", 4
  %".103" = getelementptr inbounds float, ptr %"item", i64 %".102"
  ; %10 = neg item.learning_rate   transform.py
  %"10" = fneg contract reassoc nsz arcp float %"the rate"
  ; %11 = mul %10 item.gradient   transform.py
  %".107" = insertelement <4 x float> poison, float %"10", i32 0
  %".108" = shufflevector <4 x float> %".107", <4 x float> poison, <4 x i32> zeroinitializer
  %"11" = fmul contract reassoc nsz arcp <4 x float> %".108", %"5"
  ; %12 = add item.row %11   update.py
  %"12" = fadd contract reassoc nsz arcp <4 x float> %"item.1", %"11"
  store <4 x float> %"9", ptr %".93", align 4
  store <4 x float> %"12", ptr %".103", align 4
  %".114" = call float @"llvm.fabs.f32"(float %"3")
  %".115" = fcmp uge float %".114", 0x7ff0000000000000
  br i1 %".115", label %"each.j.if", label %"each.j.endif", !prof !0
each.j.if:
  ret i64 %".65"
each.j.endif:
  %".118" = load double, ptr %".12"
  %".119" = fpext float %"3" to double
  %".120" = fadd double %".118", %".119"
  store double %".120", ptr %".12"
  %".122" = add i64 %"j", 1
  %".123" = icmp slt i64 %".122", %".21"
  br i1 %".123", label %"each.j", label %"after.j"
after.j:
  %".125" = load double, ptr %".12"
  %".126" = getelementptr inbounds double, ptr %"the losses", i64 %"run"
  store double %".125", ptr %".126", align 8
  %".128" = add i64 %"run", 1
  %".129" = icmp slt i64 %".128", %"the n_runs"
  br i1 %".129", label %"each.run", label %"after.run"
after.run:
  ret i64 -1
}

define internal void @"shuffle"(ptr %"order", i64 %"base", i64 %"first", i64 %"count", i64 %"n", i32 %"key")
{
entry:
  %".8" = trunc i64 %"n" to i32
  %".9" = insertelement <16 x i32> poison, i32 %".8", i32 0
  %".10" = shufflevector <16 x i32> %".9", <16 x i32> poison, <16 x i32> zeroinitializer
  %".11" = trunc i64 %"base" to i32
  %".12" = insertelement <16 x i32> poison, i32 %".11", i32 0
  %".13" = shufflevector <16 x i32> %".12", <16 x i32> poison, <16 x i32> zeroinitializer
  %".14" = sub <16 x i32> %".10", splat (i32 1)
  %".15" = trunc i64 %"n" to i32
  %".16" = sub i32 %".15", 1
  %".17" = call i32 @"llvm.ctlz.i32"(i32 %".16", i1 0)
  %".18" = sub i32 32, %".17"
  %".19" = call i32 @"llvm.umax.i32"(i32 %".18", i32 2)
  %".20" = sub i32 32, %".19"
  %".21" = lshr i32 4294967295, %".20"
  %".22" = insertelement <16 x i32> poison, i32 %".21", i32 0
  %".23" = shufflevector <16 x i32> %".22", <16 x i32> poison, <16 x i32> zeroinitializer
  %".24" = lshr i32 %".19", 1
  %".25" = insertelement <16 x i32> poison, i32 %".24", i32 0
  %".26" = shufflevector <16 x i32> %".25", <16 x i32> poison, <16 x i32> zeroinitializer
  %".27" = add i32 569420461, %"key"
  %".28" = lshr i32 %".27", 16
  %".29" = xor i32 %".27", %".28"
  %".30" = mul i32 %".29", 569420461
  %".31" = lshr i32 %".30", 15
  %".32" = xor i32 %".30", %".31"
  %".33" = mul i32 %".32", 3545902487
  %".34" = lshr i32 %".33", 15
  %".35" = xor i32 %".33", %".34"
  %".36" = or i32 %".35", 1
  %".37" = add i32 1138840922, %"key"
  %".38" = lshr i32 %".37", 16
  %".39" = xor i32 %".37", %".38"
  %".40" = mul i32 %".39", 569420461
  %".41" = lshr i32 %".40", 15
  %".42" = xor i32 %".40", %".41"
  %".43" = mul i32 %".42", 3545902487
  %".44" = lshr i32 %".43", 15
  %".45" = xor i32 %".43", %".44"
  %".46" = or i32 %".45", 1
  %".47" = add i32 1708261383, %"key"
  %".48" = lshr i32 %".47", 16
  %".49" = xor i32 %".47", %".48"
  %".50" = mul i32 %".49", 569420461
  %".51" = lshr i32 %".50", 15
  %".52" = xor i32 %".50", %".51"
  %".53" = mul i32 %".52", 3545902487
  %".54" = lshr i32 %".53", 15
  %".55" = xor i32 %".53", %".54"
  %".56" = or i32 %".55", 1
  %".57" = insertelement <16 x i32> poison, i32 %".36", i32 0
  %".58" = shufflevector <16 x i32> %".57", <16 x i32> poison, <16 x i32> zeroinitializer
  %".59" = lshr i32 %".36", 3
  %".60" = insertelement <16 x i32> poison, i32 %".59", i32 0
  %".61" = shufflevector <16 x i32> %".60", <16 x i32> poison, <16 x i32> zeroinitializer
  %".62" = insertelement <16 x i32> poison, i32 %".46", i32 0
  %".63" = shufflevector <16 x i32> %".62", <16 x i32> poison, <16 x i32> zeroinitializer
  %".64" = lshr i32 %".46", 3
  %".65" = insertelement <16 x i32> poison, i32 %".64", i32 0
  %".66" = shufflevector <16 x i32> %".65", <16 x i32> poison, <16 x i32> zeroinitializer
  %".67" = insertelement <16 x i32> poison, i32 %".56", i32 0
  %".68" = shufflevector <16 x i32> %".67", <16 x i32> poison, <16 x i32> zeroinitializer
  %".69" = lshr i32 %".56", 3
  %".70" = insertelement <16 x i32> poison, i32 %".69", i32 0
  %".71" = shufflevector <16 x i32> %".70", <16 x i32> poison, <16 x i32> zeroinitializer
  %".72" = add i64 %"count", 15
  %".73" = udiv i64 %".72", 16
  %".74" = icmp slt i64 0, %".73"
  br i1 %".74", label %"each.vector", label %"after.vector"
each.vector:
  %"vector" = phi  i64 [0, %"entry"], [%".108", %"placed"]
  %".76" = mul i64 %"vector", 16
  %".77" = add i64 %"first", %".76"
  %".78" = trunc i64 %".77" to i32
  %".79" = insertelement <16 x i32> poison, i32 %".78", i32 0
  %".80" = shufflevector <16 x i32> %".79", <16 x i32> poison, <16 x i32> zeroinitializer
  %".81" = add <16 x i32> %".80", <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15>
  %".82" = call <16 x i32> @"llvm.umin.v16i32"(<16 x i32> %".81", <16 x i32> %".14")
  br label %"walk"
walk:
  %".84" = phi  <16 x i32> [%".82", %"each.vector"], [%".101", %"walk"]
  %".85" = phi  <16 x i1> [splat (i1 1), %"each.vector"], [%".102", %"walk"]
  %".86" = mul <16 x i32> %".84", %".58"
  %".87" = add <16 x i32> %".86", %".61"
  %".88" = and <16 x i32> %".87", %".23"
  %".89" = lshr <16 x i32> %".88", %".26"
  %".90" = xor <16 x i32> %".88", %".89"
  %".91" = mul <16 x i32> %".90", %".63"
  %".92" = add <16 x i32> %".91", %".66"
  %".93" = and <16 x i32> %".92", %".23"
  %".94" = lshr <16 x i32> %".93", %".26"
  %".95" = xor <16 x i32> %".93", %".94"
  %".96" = mul <16 x i32> %".95", %".68"
  %".97" = add <16 x i32> %".96", %".71"
  %".98" = and <16 x i32> %".97", %".23"
  %".99" = lshr <16 x i32> %".98", %".26"
  %".100" = xor <16 x i32> %".98", %".99"
  %".101" = select  <16 x i1> %".85", <16 x i32> %".100", <16 x i32> %".84"
  %".102" = icmp uge <16 x i32> %".101", %".10"
  %".103" = call i1 @"llvm.vector.reduce.or.v16i1"(<16 x i1> %".102")
  br i1 %".103", label %"walk", label %"placed"
placed:
  %".105" = add <16 x i32> %".101", %".13"
  %".106" = getelementptr inbounds i32, ptr %"order", i64 %".76"
  store <16 x i32> %".105", ptr %".106", align 4
  %".108" = add i64 %"vector", 1
  %".109" = icmp slt i64 %".108", %".73"
  br i1 %".109", label %"each.vector", label %"after.vector"
after.vector:
  ret void
}

declare i32 @"llvm.ctlz.i32"(i32 %".1", i1 %".2")

declare i32 @"llvm.umax.i32"(i32 %".1", i32 %".2")

declare <16 x i32> @"llvm.umin.v16i32"(<16 x i32> %".1", <16 x i32> %".2")

declare i1 @"llvm.vector.reduce.or.v16i1"(<16 x i1> %".1")


