import anlan.kernel.clock
import anlan.kernel.ids
import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Cost',
            fields=[
                ('id', models.UUIDField(default=anlan.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('incident_id', models.UUIDField(db_index=True)),
                ('place_code', models.CharField(max_length=9)),
                ('classification', models.PositiveSmallIntegerField(default=1)),
                ('at', models.DateTimeField()),
                ('by_id', models.UUIDField()),
                ('by_name', models.CharField(max_length=100)),
                ('kind', models.CharField(choices=[('people', '人员'), ('equipment', '装备使用'), ('supplies', '物资消耗'), ('transport', '运输'), ('lodging', '安置'), ('medical', '医疗'), ('other', '其他')], max_length=12, verbose_name='类别')),
                ('item', models.CharField(max_length=200, verbose_name='项目')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=14, verbose_name='金额（元）')),
                ('payer', models.CharField(blank=True, default='', max_length=120, verbose_name='由谁承担')),
                ('standing', models.CharField(choices=[('estimated', '估算'), ('confirmed', '核定'), ('settled', '已支付')], max_length=10, verbose_name='状态')),
                ('document', models.CharField(blank=True, default='', max_length=120, verbose_name='凭证')),
            ],
            options={
                'verbose_name': '费用',
                'ordering': ['at', 'id'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Decision',
            fields=[
                ('id', models.UUIDField(default=anlan.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('incident_id', models.UUIDField(db_index=True)),
                ('place_code', models.CharField(max_length=9)),
                ('classification', models.PositiveSmallIntegerField(default=1)),
                ('at', models.DateTimeField()),
                ('by_id', models.UUIDField()),
                ('by_name', models.CharField(max_length=100)),
                ('text', models.TextField(verbose_name='决策内容')),
                ('grounds', models.TextField(verbose_name='依据')),
                ('facts', models.TextField(blank=True, default='', verbose_name='所据事实')),
                ('options', models.TextField(blank=True, default='', verbose_name='其他方案及未采用的理由')),
                ('decided_by', models.CharField(max_length=120, verbose_name='决策人')),
            ],
            options={
                'verbose_name': '决策',
                'ordering': ['at', 'id'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Person',
            fields=[
                ('id', models.UUIDField(default=anlan.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('place_code', models.CharField(max_length=9, verbose_name='行政区划')),
                ('classification', models.PositiveSmallIntegerField(choices=[(0, '公开'), (1, '内部'), (2, '敏感')], default=1, verbose_name='信息类别')),
                ('created_at', models.DateTimeField(default=anlan.kernel.clock.now, editable=False, verbose_name='登记时间')),
                ('updated_at', models.DateTimeField(default=anlan.kernel.clock.now, editable=False, verbose_name='更新时间')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('state', models.CharField(max_length=32, verbose_name='状态')),
                ('exercise', models.BooleanField(default=False, verbose_name='演练')),
                ('opened_at', models.DateTimeField(default=anlan.kernel.clock.now, verbose_name='开始时间')),
                ('closed_at', models.DateTimeField(blank=True, null=True, verbose_name='结束时间')),
                ('incident_id', models.UUIDField(db_index=True)),
                ('number', models.PositiveIntegerField(verbose_name='编号')),
                ('name', models.CharField(blank=True, default='', max_length=60, verbose_name='姓名')),
                ('sex', models.CharField(blank=True, default='', max_length=8, verbose_name='性别')),
                ('age', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='年龄')),
                ('role', models.CharField(choices=[('worker', '企业人员'), ('resident', '群众'), ('rescuer', '救援人员'), ('unknown', '身份不明')], default='unknown', max_length=10, verbose_name='人员类别')),
                ('unit', models.CharField(blank=True, default='', max_length=120, verbose_name='单位或住址')),
                ('worst', models.CharField(blank=True, default='', max_length=8)),
                ('hospital', models.CharField(blank=True, default='', max_length=120, verbose_name='收治医院')),
                ('note', models.CharField(blank=True, default='', max_length=200, verbose_name='备注')),
                ('family_name', models.CharField(blank=True, default='', max_length=60, verbose_name='家属')),
                ('family_phone', models.CharField(blank=True, default='', max_length=40, verbose_name='家属电话')),
                ('family_told_at', models.DateTimeField(blank=True, null=True, verbose_name='告知家属时间')),
                ('family_told_by', models.CharField(blank=True, default='', max_length=100, verbose_name='告知人')),
            ],
            options={
                'verbose_name': '台账人员',
                'ordering': ['incident_id', 'number'],
                'indexes': [models.Index(django.contrib.postgres.indexes.OpClass('place_code', name='text_pattern_ops'), name='casebook_person_place')],
                'constraints': [models.UniqueConstraint(fields=('incident_id', 'number'), name='casebook_person_number_once')],
            },
        ),
        migrations.CreateModel(
            name='Statement',
            fields=[
                ('id', models.UUIDField(default=anlan.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('place_code', models.CharField(max_length=9, verbose_name='行政区划')),
                ('classification', models.PositiveSmallIntegerField(choices=[(0, '公开'), (1, '内部'), (2, '敏感')], default=1, verbose_name='信息类别')),
                ('created_at', models.DateTimeField(default=anlan.kernel.clock.now, editable=False, verbose_name='登记时间')),
                ('updated_at', models.DateTimeField(default=anlan.kernel.clock.now, editable=False, verbose_name='更新时间')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('state', models.CharField(max_length=32, verbose_name='状态')),
                ('exercise', models.BooleanField(default=False, verbose_name='演练')),
                ('opened_at', models.DateTimeField(default=anlan.kernel.clock.now, verbose_name='开始时间')),
                ('closed_at', models.DateTimeField(blank=True, null=True, verbose_name='结束时间')),
                ('incident_id', models.UUIDField(db_index=True)),
                ('audience', models.CharField(choices=[('media', '媒体'), ('family', '家属'), ('public', '公众'), ('staff', '参战人员')], max_length=8, verbose_name='对象')),
                ('title', models.CharField(max_length=120, verbose_name='标题')),
                ('body', models.TextField(verbose_name='内容')),
                ('spokesperson', models.CharField(blank=True, default='', max_length=120, verbose_name='发言人或发布单位')),
                ('drafted_by_id', models.UUIDField()),
                ('drafted_by_name', models.CharField(max_length=100, verbose_name='起草人')),
                ('approved_by_name', models.CharField(blank=True, default='', max_length=100, verbose_name='批准人')),
                ('approved_at', models.DateTimeField(blank=True, null=True)),
                ('issued_at', models.DateTimeField(blank=True, null=True, verbose_name='发布时间')),
            ],
            options={
                'verbose_name': '对外信息',
                'ordering': ['opened_at', 'id'],
                'indexes': [models.Index(django.contrib.postgres.indexes.OpClass('place_code', name='text_pattern_ops'), name='casebook_statement_place')],
            },
        ),
    ]
